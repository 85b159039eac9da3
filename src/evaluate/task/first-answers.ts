import { StrataError } from "../../errors/strata-error.js";
import { answerRoom } from "../metric/answer-room.js";
import { isMatchable } from "../metric/filters.js";
import type { ExactMatchItem } from "./item.js";
import type { FirstItems } from "./task-kind.js";

/**
 * Checks a task that compares numbers: at least one of the first references must be a number.
 *
 * @returns a note if the model has too few positions for the longest answers
 * @throws StrataError naming the task
 */
export function checkFirstAnswers({ name, values, items, maxPositions }: FirstItems): readonly string[] {
  const { maxTokens } = values;
  const room = answerRoom(maxTokens, maxPositions);
  const few = `at most ${room} tokens, not ${maxTokens}: the model has ${maxPositions} positions`;
  const notes = room === maxTokens ? [] : [`Answers of task ${name} have ${few}`];
  const answers = items.map((item) => (item as ExactMatchItem).answer);
  if (answers.length === 0 || answers.some(isMatchable)) return notes;
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
