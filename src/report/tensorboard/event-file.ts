import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { eventTimestamp } from "./event.js";
import { recordDataBytes, recordFrameBytes, recordHeaderBytes } from "./record.js";

/** What a file of events contains. */
export interface EventFileFacts {
  /** Time of its first event, in Unix seconds. */
  readonly start: number;
  /** Bytes up to the end of its last complete record. */
  readonly completeBytes: number;
}

const name = /^events\.out\.tfevents\.\d{10,}\.strata$/;

/**
 * The name of a file of events: readers look for `tfevents`. TensorBoard's own writers add the host and the process;
 * without them, the same run gives the same names everywhere.
 *
 * @param start  Unix time of the first event in seconds
 */
export function eventFileName(start: number): string {
  return `events.out.tfevents.${String(Math.floor(start)).padStart(10, "0")}.strata`;
}

export function isEventFileName(candidate: string): boolean {
  return name.test(candidate);
}

/** Null if the file does not begin with a complete record. */
export function readEventFile(path: string): EventFileFacts | null {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const header = Buffer.alloc(recordHeaderBytes);
    let completeBytes = 0;
    while (readSync(file, header, 0, recordHeaderBytes, completeBytes) === recordHeaderBytes) {
      const data = recordDataBytes(header);
      if (data === null || completeBytes + recordFrameBytes + data > size) break;
      completeBytes += recordFrameBytes + data;
    }
    if (completeBytes === 0) return null;
    const first = Buffer.alloc(9);
    readSync(file, first, 0, first.length, recordHeaderBytes);
    return { start: eventTimestamp(first), completeBytes };
  } finally {
    closeSync(file);
  }
}
