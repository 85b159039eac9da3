import type { SkippedRecords } from "./bad-records.js";
import { firstRecord, type RecordPosition } from "./records.js";

/** How far a data set has been read, as plain data, so that reading can resume. */
export interface ReadingState {
  readonly next: RecordPosition;
  /** Training documents so far. */
  readonly documents: number;
  /** Bytes of their text in UTF-8. */
  readonly bytes: number;
  /** Documents held out, of all splits. */
  readonly heldOut: number;
  /** Documents removed because their text already occurred. */
  readonly duplicates: number;
  readonly skipped: SkippedRecords;
  /** Whether the end of the data or the limit is reached. */
  readonly isFinished: boolean;
}

export const readingStart: ReadingState = {
  next: firstRecord,
  documents: 0,
  bytes: 0,
  heldOut: 0,
  duplicates: 0,
  skipped: { count: 0, first: [] },
  isFinished: false,
};
