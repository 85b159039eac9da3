import { existsSync, readdirSync, rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createFolder } from "../../files/create-folder.js";
import { appendBytes } from "../../files/atomic-file.js";
import { completeLines } from "../../files/json-lines.js";
import { encodeFileVersion, encodeScalars, encodeSessionStart } from "../../report/tensorboard/event.js";
import { eventFileName, isEventFileName, readEventFile } from "../../report/tensorboard/event-file.js";
import { frameRecord } from "../../report/tensorboard/record.js";
import { metricsLine, type Scalars } from "../../report/tensorboard/scalars.js";

export const metricsName = "metrics.jsonl";

/** Rows that are written at once, and after which a long replacement lets the process do other work. */
const rowsAtOnce = 1000;

/** What a folder has after writing to it: if its files differ later, something else has changed them. */
export interface WrittenSeries {
  /** Null as long as there is nothing to write. */
  readonly events: string | null;
  readonly metrics: string;
  /** Sizes of both. */
  readonly sizes: string;
}

/** When the events in a folder start, in Unix seconds; null if there are none. */
export function startOfSeries(folder: string): number | null {
  const path = eventFileIn(folder);
  return path === null ? null : (readEventFile(path)?.start ?? null);
}

/**
 * Makes a folder contain these rows. What it has is kept up to the first difference, from where on a `SessionLog.START`
 * makes readers drop what they have read: TensorBoard keeps files open, so replacing one would not reach it.
 *
 * @param start  Unix seconds, if there are no events yet
 * @throws StrataError if the disk is full; the next call repairs what is left then
 */
export async function replaceRows(folder: string, start: number, rows: Iterable<Scalars>): Promise<WrittenSeries> {
  const metrics = join(folder, metricsName);
  const found = repairedEvents(folder);
  if (found === null) rmSync(metrics, { force: true });
  const known = completeLines(metrics);
  let [knownBytes, lastStep, isKnown] = [0, -1, true];
  const appended = openAppend(metrics, found ?? join(folder, eventFileName(start)));
  const depart = (step: number) => {
    isKnown = false;
    known.return(undefined);
    createFolder(folder);
    if (existsSync(metrics)) truncateSync(metrics, knownBytes);
    appended.event(found === null ? encodeFileVersion(start) : encodeSessionStart(start, step));
  };
  let count = 0;
  for (const row of rows) {
    if (++count % rowsAtOnce === 0) await nextTurn();
    const line = metricsLine(row);
    const next = isKnown ? known.next() : null;
    if (next !== null && !next.done && next.value === line) knownBytes += Buffer.byteLength(line) + 1;
    else {
      if (isKnown) depart(row.step);
      appended.row(row, line);
    }
    lastStep = row.step;
  }
  if (isKnown && hasMore(known)) depart(lastStep + 1);
  known.return(undefined);
  return appended.close();
}

/** Appends rows to a folder that nothing has changed since. @throws StrataError if the disk is full */
export function appendRows(written: WrittenSeries, rows: Iterable<Scalars>): WrittenSeries {
  const appended = openAppend(written.metrics, written.events as string);
  for (const row of rows) appended.row(row, metricsLine(row));
  return appended.close();
}

export function isUnchanged({ events, metrics, sizes }: WrittenSeries): boolean {
  return events !== null && sizesOf(events, metrics) === sizes;
}

function hasMore(lines: Generator<string>): boolean {
  return lines.next().done !== true;
}

/** Events first, so that no line of metrics.jsonl is without its event after a crash. */
function openAppend(metrics: string, events: string) {
  let [records, lines]: [Buffer[], string[]] = [[], []];
  const write = () => {
    if (records.length > 0) appendBytes(events, Buffer.concat(records));
    if (lines.length > 0) appendBytes(metrics, lines.join(""));
    [records, lines] = [[], []];
  };
  return {
    event: (data: Buffer) => void records.push(frameRecord(data)),
    row(row: Scalars, line: string): void {
      records.push(frameRecord(encodeScalars(row)));
      lines.push(`${line}\n`);
      if (lines.length >= rowsAtOnce) write();
    },
    close(): WrittenSeries {
      write();
      return { events: existsSync(events) ? events : null, metrics, sizes: sizesOf(events, metrics) };
    },
  };
}

function sizesOf(...paths: readonly string[]): string {
  return paths.map((path) => statSync(path, { throwIfNoEntry: false })?.size ?? "none").join(" ");
}

function eventFileIn(folder: string): string | null {
  if (!existsSync(folder)) return null;
  const name = readdirSync(folder).find(isEventFileName);
  return name === undefined ? null : join(folder, name);
}

/** The file of events, without a record that a crash cut short; null if there is none that begins with a record. */
function repairedEvents(folder: string): string | null {
  const path = eventFileIn(folder);
  if (path === null) return null;
  const facts = readEventFile(path);
  if (facts === null) rmSync(path);
  else if (facts.completeBytes < statSync(path).size) truncateSync(path, facts.completeBytes);
  return facts === null ? null : path;
}
