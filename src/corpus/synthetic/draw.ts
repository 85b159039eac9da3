import { randomInteger, randomKey } from "../../tensor/random.js";

/** Random draws for one record. Draw n < 256 depends only on n, the seed, and the kind and index of the record. */
export interface Draw {
  /** Uniform integer in low … high, inclusive. */
  number(low: number, high: number): number;
  one<T>(values: readonly T[]): T;
  /** `count` distinct values, in random order. */
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
