const smallest = 8;
/** Neighbours that are tried before the next probe. */
const neighbours = 9;
const free = -1;
const removed = -2;

/**
 * A set of whole numbers from 0 that gives them back in the order in which Python's does: that of its hash table, which
 * depends on its size and on what was added and removed before.
 */
export class PythonSet {
  #table = new Int32Array(smallest).fill(free);
  #size = 0;
  /** Places that are not free, those of removed numbers too. */
  #taken = 0;
  /** Where the search for the next number begins. */
  #finger = 0;

  get size(): number {
    return this.#size;
  }

  add(value: number): void {
    const mask = this.#table.length - 1;
    const place = placeOf(this.#table, value);
    const found = this.#table[place];
    if (found === value) return;
    this.#table[place] = value;
    this.#size++;
    if (found === removed) return;
    this.#taken++;
    if (this.#taken * 5 >= mask * 3) this.#grow(this.#size > 50_000 ? this.#size * 2 : this.#size * 4);
  }

  /** Removes a number and returns it. The set is not empty. */
  pop(): number {
    const mask = this.#table.length - 1;
    let place = this.#finger & mask;
    while (this.#table[place] < 0) place = (place + 1) & mask;
    const value = this.#table[place];
    this.#table[place] = removed;
    this.#size--;
    this.#finger = place + 1;
    return value;
  }

  #grow(atLeast: number): void {
    let length = smallest;
    while (length <= atLeast) length *= 2;
    const table = new Int32Array(length).fill(free);
    for (const value of this.#table) if (value >= 0) table[placeOf(table, value)] = value;
    this.#table = table;
    this.#taken = this.#size;
  }
}

/** The place of a number, or where it would be put: where the last removed one was before the first free place. */
function placeOf(table: Int32Array, value: number): number {
  const mask = table.length - 1;
  let perturb = value;
  let reusable: number | null = null;
  for (let first = value & mask; ; first = (first * 5 + 1 + perturb) & mask) {
    const last = first + neighbours <= mask ? first + neighbours : first;
    for (let place = first; place <= last; place++) {
      if (table[place] === free) return reusable ?? place;
      if (table[place] === value) return place;
      if (table[place] === removed) reusable = place;
    }
    perturb >>>= 5;
  }
}
