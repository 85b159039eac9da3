import type { IdList } from "./id-list.js";

/** Caches the ids of recent pre-tokens. A full cache is emptied; its state never changes an id. */
export interface PreTokenCache {
  /** The entry of the pre-token text[start, end), or −1. */
  find(text: string, start: number, end: number): number;
  /** @returns the new entry, valid until the next `add` */
  add(text: string, start: number, end: number, ids: Int32Array): number;
  /** Appends the ids of an entry. */
  append(entry: number, to: IdList): void;
}

/** Capacity: pre-tokens, their UTF-16 units and their ids; about 10 MB. */
const max = { preTokens: 2 ** 17, units: 2 ** 20, ids: 2 ** 19 };

/** An open-addressing hash table in typed arrays: a lookup creates no string. A slot holds entry + 1; 0 is empty. */
export function createPreTokenCache(): PreTokenCache {
  const slots = new Int32Array(4 * max.preTokens);
  const hashes = new Int32Array(max.preTokens);
  const unitStarts = new Int32Array(max.preTokens + 1);
  const units = new Uint16Array(max.units);
  const idStarts = new Int32Array(max.preTokens + 1);
  const kept = new Int32Array(max.ids);
  let count = 0;

  const isAt = (entry: number, text: string, start: number, length: number): boolean => {
    const from = unitStarts[entry];
    if (unitStarts[entry + 1] - from !== length) return false;
    for (let i = 0; i < length; i++) if (units[from + i] !== text.charCodeAt(start + i)) return false;
    return true;
  };
  return {
    find(text, start, end) {
      const hash = hashOf(text, start, end);
      for (let at = slotOf(hash, slots.length); slots[at] !== 0; at = (at + 1) & (slots.length - 1)) {
        const entry = slots[at] - 1;
        if (hashes[entry] === hash && isAt(entry, text, start, end - start)) return entry;
      }
      return -1;
    },
    add(text, start, end, ids) {
      if (
        count === max.preTokens ||
        unitStarts[count] + end - start > max.units ||
        idStarts[count] + ids.length > max.ids
      ) {
        slots.fill(0);
        count = 0;
      }
      const entry = count++;
      hashes[entry] = hashOf(text, start, end);
      let at = slotOf(hashes[entry], slots.length);
      while (slots[at] !== 0) at = (at + 1) & (slots.length - 1);
      slots[at] = entry + 1;
      for (let i = start; i < end; i++) units[unitStarts[entry] + i - start] = text.charCodeAt(i);
      unitStarts[entry + 1] = unitStarts[entry] + end - start;
      kept.set(ids, idStarts[entry]);
      idStarts[entry + 1] = idStarts[entry] + ids.length;
      return entry;
    },
    append(entry, to) {
      to.append(kept, idStarts[entry], idStarts[entry + 1]);
    },
  };
}

/** FNV-1a over UTF-16 units. */
function hashOf(text: string, start: number, end: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

function slotOf(hash: number, size: number): number {
  return (hash ^ (hash >>> 15)) & (size - 1);
}
