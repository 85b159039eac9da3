import type { Bench } from "../compare.js";
import type { Figure } from "../figure.js";

export interface Item {
  readonly name: string;
  /** One line for `--list`. */
  readonly what: string;
  /** Runs only if it is named. */
  readonly isHeavy?: boolean;
  measure(bench: Bench): Promise<readonly Figure[]>;
}
