import { StrataError } from "../../../errors/strata-error.js";

export function taskFileError(where: string, expected: string, got: string, hint: string): StrataError {
  return new StrataError("EvaluationError", { where, expected, got, hint });
}
