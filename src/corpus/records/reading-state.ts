import type { SkippedRecords } from "./bad-records.js";
import { firstRecord, type RecordPosition } from "./records.js";

/** How far reading has come, as plain data: it can go on from here. */
export interface ReadingState {
  readonly next: RecordPosition;
  /** Training documents. */
  readonly documents: number;
  /** Their text in UTF-8. */
  readonly bytes: number;
  /** Documents that were held out for validation. */
  readonly heldOut: number;
  /** Documents that were left out because their text was there before. */
  readonly duplicates: number;
  readonly skipped: SkippedRecords;
  /** Whether reading has come to the end of the data or to the cut. */
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
