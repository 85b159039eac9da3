import { StrataError } from "../errors/strata-error.js";

/** The error of a file of a model. */
export function checkpointError(where: string, expected: string, got: string, hint: string): StrataError {
  return new StrataError("CheckpointError", { where, expected, got, hint });
}
