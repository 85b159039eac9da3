import { StrataError } from "../../errors/strata-error.js";
import { isMatchable } from "../metric/filters.js";
import type { ExactMatchItem } from "./item.js";
import type { FirstItems } from "./task-kind.js";

/**
 * Checks a task that compares numbers: its prompts need positions besides those of the answer, and at least one of the
 * first references must be a number.
 *
 * @throws StrataError naming the task
 */
export function checkFirstAnswers({ name, values, items, maxPositions }: FirstItems): void {
  const { maxTokens } = values;
  if (maxTokens >= maxPositions) {
    throw new StrataError("EvaluationError", {
      where: `task ${name} maxTokens`,
      expected: `less than the model's ${maxPositions} positions, which prompt and answer share`,
      got: String(maxTokens),
      hint: "Lower `maxTokens`.",
    });
  }
  const answers = items.map((item) => (item as ExactMatchItem).answer);
  if (answers.length === 0 || answers.some(isMatchable)) return;
  const records = answers.length === 1 ? "record" : `${answers.length} records`;
  throw new StrataError("EvaluationError", {
    where: `task ${name}`,
    expected: 'a number as the answer, alone or after "#### "',
    got: `none in the first ${records}, such as ${shortened(answers[0])}`,
    hint: "exact-match compares numbers: no generated answer could be correct. Use multiple-choice, or a loss.",
  });
}

function shortened(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}
