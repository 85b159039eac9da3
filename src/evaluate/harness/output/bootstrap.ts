import { PythonRandom } from "../../task/python-random.js";

const draws = 100_000;
const chunk = 1000;

/**
 * The harness's standard error of a statistic: the standard deviation over 100,000 samples with replacement, each 1000
 * drawn by CPython's `Random(0)`, `Random(1)`, ….
 */
export function bootstrapError<Item>(statistic: (items: readonly Item[]) => number, items: readonly Item[]): number {
  const n = items.length;
  const drawn = Array.from<Item>({ length: n });
  const values = new Float64Array(draws);
  let random = new PythonRandom(0);
  for (let i = 0; i < draws; i++) {
    if (i % chunk === 0) random = new PythonRandom(i / chunk);
    for (let k = 0; k < n; k++) drawn[k] = items[Math.floor(random.uniform() * n)];
    values[i] = statistic(drawn);
  }
  const center = values.reduce((sum, value) => sum + value, 0) / draws;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (draws - 1));
}
