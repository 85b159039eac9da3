import type { DocumentHash } from "./split.js";

/** A set of 64-bit hashes. Takes 11 to 16 bytes per hash. */
export interface HashSet {
  /** @returns whether the hash is new */
  add(hash: DocumentHash): boolean;
}

/** Open addressing, split into many tables so that growing one copies only a small part of the set. */
const tables = 256;
const maxLoad = 0.75;
const growth = 1.5;

export function createHashSet(): HashSet {
  // Slot i is words 2i and 2i + 1; an empty slot has both zero.
  const slots: Uint32Array[] = Array.from({ length: tables }, () => new Uint32Array(2 * 16));
  const counts = new Uint32Array(tables);
  return {
    add({ high, low: hashLow }) {
      const low = storedLow(high, hashLow);
      const table = tableOf(low);
      if (!insert(slots[table], high, low)) return false;
      counts[table]++;
      if (counts[table] > maxLoad * (slots[table].length / 2)) slots[table] = grown(slots[table]);
      return true;
    },
  };
}

/** The all-zero hash would look like an empty slot, so it is stored as the hash 1. */
function storedLow(high: number, low: number): number {
  return high === 0 && low === 0 ? 1 : low;
}

/** Uses the low bits: the high ones decide the hold-out draw, so they are not uniform within training documents. */
function tableOf(low: number): number {
  return low % tables;
}

/** The slot of a hash, or the empty slot where it belongs. */
function slotOf(slots: Uint32Array, high: number, low: number): number {
  const capacity = slots.length / 2;
  let slot = (Math.imul(low, 0x9e3779b1) >>> 0) % capacity;
  while (!isEmpty(slots, slot) && (slots[2 * slot] !== high || slots[2 * slot + 1] !== low)) {
    slot = slot + 1 === capacity ? 0 : slot + 1;
  }
  return slot;
}

function isEmpty(slots: Uint32Array, slot: number): boolean {
  return slots[2 * slot] === 0 && slots[2 * slot + 1] === 0;
}

function insert(slots: Uint32Array, high: number, low: number): boolean {
  const slot = slotOf(slots, high, low);
  if (!isEmpty(slots, slot)) return false;
  slots[2 * slot] = high;
  slots[2 * slot + 1] = low;
  return true;
}

function grown(slots: Uint32Array): Uint32Array {
  const larger = new Uint32Array(2 * Math.ceil((slots.length / 2) * growth));
  for (let i = 0; i < slots.length; i += 2) {
    if (slots[i] !== 0 || slots[i + 1] !== 0) insert(larger, slots[i], slots[i + 1]);
  }
  return larger;
}
