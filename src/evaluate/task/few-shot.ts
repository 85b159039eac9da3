import { StrataError } from "../../errors/strata-error.js";
import { PythonRandom } from "./python-random.js";

/** The seed of few-shot examples in lm-evaluation-harness. */
export const fewShotSeed = 1234;

export interface FewShotOptions {
  readonly seed?: number;
  /** Draws one more than is used, as the harness does for HellaSwag. This changes which examples are drawn. */
  readonly drawExtra?: boolean;
}

/**
 * The few-shot examples of each item: `count` of the pool. One generator draws for all items in order, so the examples
 * of the first items do not depend on the number of items.
 *
 * @throws StrataError if the pool is too small
 */
export function fewShotPrefixes<Example>(
  pool: readonly Example[],
  count: number,
  items: number,
  options: FewShotOptions = {},
): Example[][] {
  if (count === 0) return Array.from({ length: items }, () => []);
  const { seed = fewShotSeed, drawExtra = false } = options;
  const drawn = count + (drawExtra ? 1 : 0);
  if (pool.length < drawn) throw fewShotPoolTooSmall("few-shot examples", drawn, pool.length);
  const random = new PythonRandom(seed);
  return Array.from({ length: items }, () =>
    random
      .sample(pool.length, drawn)
      .slice(0, count)
      .map((i) => pool[i]),
  );
}

/** The error of a data set with fewer examples than are drawn for an item. */
export function fewShotPoolTooSmall(where: string, drawn: number, found: number): StrataError {
  return new StrataError("EvaluationError", {
    where,
    expected: `at least ${drawn} examples to draw from`,
    got: `${found}`,
    hint: "Use a larger data set of examples, or lower `fewShot`.",
  });
}

/** Each example as `prompt answer` with an empty line after it, then the prompt of the item. */
export function fewShotPrompt(
  examples: readonly { readonly prompt: string; readonly answer: string }[],
  prompt: string,
): string {
  return examples.map((example) => `${example.prompt} ${example.answer}\n\n`).join("") + prompt;
}
