// Work that a disturbed run had finished or checkpointed must not be done again.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** @returns what the jobs of a store have finished, and up to which step they have a checkpoint */
export function recordWork(store) {
  const jobs = join(store, "jobs");
  if (!existsSync(jobs)) return [];
  return readdirSync(jobs).flatMap((id) => {
    const finished = finishedAt(join(jobs, id));
    if (finished !== null) return [{ id, finished }];
    const step = checkpointStep(join(jobs, id, "checkpoint.safetensors"));
    return step === null ? [] : [{ id, lines: journalLines(join(jobs, id), step) }];
  });
}

/** @returns the ids of jobs that have repeated some of the recorded work */
export function repeatedWork(store, work) {
  const isKept = ({ id, finished, lines }) => {
    const folder = join(store, "jobs", id);
    if (finished !== undefined) return finishedAt(folder) === finished;
    // A step that was computed again has another duration in its line.
    return journalLines(folder, lines.length).every((line, i) => line === lines[i]);
  };
  return [...new Set(work.filter((record) => !isKept(record)).map(({ id }) => id))];
}

function finishedAt(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, "done.json"), "utf8")).finished;
  } catch {
    return null;
  }
}

const journalLines = (folder, count) =>
  existsSync(join(folder, "journal.jsonl"))
    ? readFileSync(join(folder, "journal.jsonl"), "utf8").split("\n").slice(0, count)
    : [];

/** The step in the metadata of a checkpoint; null without a whole header. */
function checkpointStep(path) {
  try {
    const bytes = readFileSync(path);
    const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE())).toString());
    const step = Number(header["__metadata__"].step);
    return Number.isInteger(step) ? step : null;
  } catch {
    return null;
  }
}
