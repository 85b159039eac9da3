/** A binary heap: `pop` removes the first item in the order of `before`. */
export interface PriorityQueue<Item> {
  push(item: Item): void;
  pop(): Item | undefined;
}

export function createPriorityQueue<Item>(before: (a: Item, b: Item) => boolean): PriorityQueue<Item> {
  const heap: Item[] = [];
  return {
    push(item) {
      let at = heap.length;
      heap.push(item);
      for (; at > 0;) {
        const parent = (at - 1) >> 1;
        if (!before(item, heap[parent])) break;
        heap[at] = heap[parent];
        at = parent;
      }
      heap[at] = item;
    },
    pop() {
      const first = heap[0];
      const last = heap.pop();
      if (heap.length === 0 || last === undefined) return first;
      let at = 0;
      for (let child = 1; child < heap.length; child = 2 * at + 1) {
        if (child + 1 < heap.length && before(heap[child + 1], heap[child])) child++;
        if (!before(heap[child], last)) break;
        heap[at] = heap[child];
        at = child;
      }
      heap[at] = last;
      return first;
    },
  };
}
