export type Operation = "+" | "-" | "*";

/** One step of a calculation. */
export interface Step {
  readonly left: number;
  readonly operation: Operation;
  readonly right: number;
  readonly result: number;
}

/** A word problem with its worked answer: `subject` step, step `object`. */
export interface Problem {
  readonly question: string;
  readonly subject: string;
  readonly steps: readonly Step[];
  readonly object: string;
  /** The things counted; `object` names them. */
  readonly things: string;
}

export function calculate(left: number, operation: Operation, right: number): Step {
  const result = operation === "+" ? left + right : operation === "-" ? left - right : left * right;
  return { left, operation, right, result };
}
