/** A binary min-heap of numbers in one typed array, 8 bytes each: `pop` removes the smallest, or returns undefined. */
export interface KeyQueue {
  push(key: number): void;
  pop(): number | undefined;
}

export function createKeyQueue(): KeyQueue {
  let heap = new Float64Array(64);
  let length = 0;
  return {
    push(key) {
      if (length === heap.length) {
        const grown = new Float64Array(Math.ceil(1.5 * length));
        grown.set(heap);
        heap = grown;
      }
      let at = length++;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (heap[parent] <= key) break;
        heap[at] = heap[parent];
        at = parent;
      }
      heap[at] = key;
    },
    pop() {
      if (length === 0) return undefined;
      const first = heap[0];
      const last = heap[--length];
      let at = 0;
      for (let child = 1; child < length; child = 2 * at + 1) {
        if (child + 1 < length && heap[child + 1] < heap[child]) child++;
        if (heap[child] >= last) break;
        heap[at] = heap[child];
        at = child;
      }
      heap[at] = last;
      return first;
    },
  };
}
