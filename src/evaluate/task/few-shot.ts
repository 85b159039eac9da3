import { StrataError } from "../../errors/strata-error.js";
import { PythonRandom } from "./python-random.js";

/** The harness's own seed for few-shot examples. */
export const fewShotSeed = 1234;

export interface FewShotOptions {
  readonly seed?: number;
  /** Draws one more than is used, as the harness does for HellaSwag: it changes which are drawn. */
  readonly drawExtra?: boolean;
}

/**
 * The examples in front of each item: `count` of the pool, drawn anew for every item from one generator, so that the
 * first items have the same examples however many items there are.
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
  if (pool.length < drawn) {
    throw new StrataError("EvaluationError", {
      where: "few-shot examples",
      expected: `at least ${drawn} examples to draw from`,
      got: `${pool.length}`,
      hint: "Give a larger set of examples or ask for fewer per item.",
    });
  }
  const random = new PythonRandom(seed);
  return Array.from({ length: items }, () =>
    random
      .sample(pool.length, drawn)
      .slice(0, count)
      .map((i) => pool[i]),
  );
}

/** Each example as `prompt answer` and an empty line, then the prompt that is asked. */
export function fewShotPrompt(
  examples: readonly { readonly prompt: string; readonly answer: string }[],
  prompt: string,
): string {
  return examples.map((example) => `${example.prompt} ${example.answer}\n\n`).join("") + prompt;
}
