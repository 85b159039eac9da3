/** The area of an error; printed before the message. */
export type ErrorKind =
  | "RecipeError"
  | "PlanError"
  | "CorpusError"
  | "TokenizerError"
  | "ModelError"
  | "CheckpointError"
  | "DeviceError"
  | "DeviceLostError"
  | "TrainingError"
  | "MergeError"
  | "EvaluationError"
  | "ReportError"
  | "RunError"
  | "HubError"
  | "FileError";

export interface ErrorParts {
  /** The file, with line and column if known, and the name of the faulty item in it. */
  readonly where: string;
  readonly expected: string;
  readonly got: string;
  /** What to try: one or more full sentences. */
  readonly hint: string;
}

/** An error that a user can fix. It is printed as `Kind: where — expected …, got ….\n  hint`. */
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

/** Runs an action on a record; a StrataError gets the record's place before its own. */
export function atRecord<T>(record: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof StrataError)) throw error;
    const { where, ...parts } = error.parts;
    throw new StrataError(error.kind, { where: `${record} (${where})`, ...parts }, { cause: error });
  }
}
