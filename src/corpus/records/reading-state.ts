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
  /** Whether the cut is behind: nothing after it is trained on, and of what is read there only held-out documents count. */
  readonly isCut: boolean;
}

export const readingStart: ReadingState = {
  next: firstRecord,
  documents: 0,
  bytes: 0,
  heldOut: 0,
  duplicates: 0,
  skipped: { count: 0, first: [] },
  isCut: false,
};

/** Where reading stands after a piece that the cut is in or before, if `state` is that after what is trained on. */
export function afterCut(state: ReadingState, { next, heldOut }: ReadingState): ReadingState {
  return { ...state, next, heldOut, isCut: true };
}
