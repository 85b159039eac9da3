import { randomInteger, randomKey } from "../../tensor/random.js";

/** Draws for one record: the n-th depends on the seed, the kind of record, its index and n alone. At most 256. */
export interface Draw {
  /** Uniform in low … high, both included. */
  number(low: number, high: number): number;
  one<T>(values: readonly T[]): T;
  /** `count` different ones, in a drawn order. */
  several<T>(values: readonly T[], count: number): T[];
}

const drawsPerRecord = 256;

export function createDraw(kind: string, seed: number, index: number): Draw {
  const key = randomKey(seed, `generated ${kind}`);
  let n = 0;
  const number = (low: number, high: number) => low + randomInteger(key, index * drawsPerRecord + n++, high - low + 1);
  return {
    number,
    one: (values) => values[number(0, values.length - 1)],
    several(values, count) {
      const left = [...values];
      return Array.from({ length: count }, () => left.splice(number(0, left.length - 1), 1)[0]);
    },
  };
}
