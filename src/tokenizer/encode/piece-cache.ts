import type { IdList } from "./id-list.js";

/** The ids of pieces that were met lately. It forgets all of them when it is full: what it holds never changes an id. */
export interface PieceCache {
  /** The entry of the piece of `text`, or −1. */
  find(text: string, start: number, end: number): number;
  /** @returns its entry; it holds until the next `add` */
  add(text: string, start: number, end: number, ids: Int32Array): number;
  /** Appends the ids of an entry. */
  append(entry: number, to: IdList): void;
}

/** At most so many pieces, characters of them, and ids: about 10 MB. */
const most = { pieces: 2 ** 17, units: 2 ** 20, ids: 2 ** 19 };

/** An open-addressing hash table over flat arrays, for no string is made to look a piece up. Entry i has slot numbers i + 1. */
export function createPieceCache(): PieceCache {
  const slots = new Int32Array(4 * most.pieces);
  const hashes = new Int32Array(most.pieces);
  const unitStarts = new Int32Array(most.pieces + 1);
  const units = new Uint16Array(most.units);
  const idStarts = new Int32Array(most.pieces + 1);
  const kept = new Int32Array(most.ids);
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
        count === most.pieces ||
        unitStarts[count] + end - start > most.units ||
        idStarts[count] + ids.length > most.ids
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
