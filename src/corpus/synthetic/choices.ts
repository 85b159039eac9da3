import type { Draw } from "./draw.js";
import { calculate, type Operation, type Problem, type Step } from "./problem.js";
import { drawProblem, writeStep } from "./problems.js";
import { foods, things } from "./words.js";

/** A record in the format of HellaSwag: a problem with the start of its answer, and four continuations. */
export interface ChoiceRecord {
  readonly ind: number;
  readonly query: string;
  readonly endings: readonly string[];
  /** The index of the right ending. */
  readonly label: number;
}

export function generateChoice(draw: Draw, index: number): ChoiceRecord {
  const problem = drawProblem(draw);
  const label = draw.number(0, 3);
  const endings = draw.several(wrongEndings(problem, draw), 3);
  endings.splice(label, 0, ending(problem, {}));
  return { ind: index, query: `Question: ${problem.question}\nAnswer: ${problem.subject}`, endings, label };
}

/** The answer after its subject, optionally with another last step or other things. */
function ending({ steps, object, things: counted }: Problem, { last, other }: { last?: Step; other?: string }): string {
  const kept = last === undefined ? steps : [...steps.slice(0, -1), last];
  return `${kept.map(writeStep).join(", ")} ${other === undefined ? object : object.replace(counted, other)}.`;
}

/** Five distinct wrong endings: two wrong results, another operation, another number, other things. */
function wrongEndings(problem: Problem, draw: Draw): string[] {
  const last = problem.steps[problem.steps.length - 1];
  const off = draw.number(1, 3);
  const results = [last.result + off, last.result > off ? last.result - off : last.result + off + 1];
  const others: Operation = last.operation === "-" ? "+" : "-";
  const [high, low] = last.left > last.right ? [last.left, last.right] : [last.right, last.left];
  const otherThings = draw.one([...things, ...foods].filter((thing) => thing !== problem.things));
  return [
    ...results.map((result) => ending(problem, { last: { ...last, result } })),
    ending(problem, { last: calculate(high, others, low) }),
    ending(problem, { last: calculate(last.left, last.operation, last.right + 1) }),
    ending(problem, { other: otherThings }),
  ];
}
