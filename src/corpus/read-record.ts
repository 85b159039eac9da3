import type { StrataError } from "../tensor/errors.js";

/** One record of a data set and its place: `file:line`, or `file row number` of a table. */
export interface PlacedRecord {
  readonly record: Readonly<Record<string, unknown>>;
  readonly where: string;
}

/** What stands in the place of a record that cannot be used. */
export interface BadRecord {
  readonly error: StrataError;
}

export type ReadRecord = PlacedRecord | BadRecord;
