/** In ids; `clear` releases a larger buffer. */
const maxKept = 2 ** 20;

/** A growable list of ids: 4 bytes each, at most 12 while it grows. */
export class IdList {
  #ids = new Int32Array(64);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Keeps the buffer unless it is larger than `maxKept`. */
  clear(): void {
    this.#length = 0;
    if (this.#ids.length > maxKept) this.#ids = new Int32Array(64);
  }

  push(id: number): void {
    if (this.#length === this.#ids.length) this.#grow(1);
    this.#ids[this.#length++] = id;
  }

  /** Appends ids[start, end). */
  append(ids: ArrayLike<number>, start = 0, end = ids.length): void {
    if (this.#length + end - start > this.#ids.length) this.#grow(end - start);
    for (let i = start; i < end; i++) this.#ids[this.#length++] = ids[i];
  }

  /** A copy. */
  slice(): Int32Array<ArrayBuffer> {
    return this.#ids.slice(0, this.#length);
  }

  #grow(by: number): void {
    const grown = new Int32Array(Math.max(2 * this.#ids.length, this.#length + by));
    grown.set(this.#ids);
    this.#ids = grown;
  }
}
