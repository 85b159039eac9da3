import type { Draw } from "./draw.js";
import { problemForms } from "./problem-forms.js";
import type { Problem, Step } from "./problem.js";

/** Draws a word problem; all forms are equally likely. */
export function drawProblem(draw: Draw): Problem {
  return draw.one(problemForms)(draw);
}

export function writeStep({ left, operation, right, result }: Step): string {
  return `${left}${operation}${right}=${result}`;
}

/** A record in the format of GSM8K: the worked steps, and the result after `####`. */
export function generateProblem(draw: Draw): { readonly question: string; readonly answer: string } {
  const { question, subject, steps, object } = drawProblem(draw);
  const worked = `${subject} ${steps.map(writeStep).join(", ")} ${object}.`;
  return { question, answer: `${worked}\n#### ${steps[steps.length - 1].result}` };
}
