/** What kind of thing was wrong; printed in front of the message. */
export type ErrorKind =
  | "RecipeError"
  | "PlanError"
  | "CorpusError"
  | "TokenizerError"
  | "ModelError"
  | "CheckpointError"
  | "DeviceError"
  | "TrainingError"
  | "MergeError"
  | "EvaluationError"
  | "ReportError"
  | "RunError"
  | "HubError"
  | "FileError";

export interface ErrorParts {
  /** File (with line and column where it has them) and the name of the thing in it. */
  readonly where: string;
  readonly expected: string;
  readonly got: string;
  /** What to try next: one or more full sentences. */
  readonly hint: string;
}

/** An error a user can act on. The message reads `Kind: where — expected …, got ….\n  hint`. */
export class StrataError extends Error {
  readonly kind: ErrorKind;
  readonly parts: ErrorParts;

  constructor(kind: ErrorKind, parts: ErrorParts, options?: ErrorOptions) {
    super(`${parts.where} — expected ${parts.expected}, got ${parts.got}.\n  ${parts.hint}`, options);
    this.name = kind;
    this.kind = kind;
    this.parts = parts;
  }
}
