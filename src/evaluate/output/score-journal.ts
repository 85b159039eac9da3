import { appendJournal, damageNote, readJournal, rewriteJournal, type JournalForm } from "../../files/journal.js";

/** Results of one task, by index of the request. */
export interface TaskJournal<Value> {
  readonly known: ReadonlyMap<number, Value>;
  /** Adds results to `known`, and to the file if the journal has one. */
  add(results: readonly (readonly [number, Value])[]): void;
  /** Time spent on the results, including earlier runs. */
  readonly seconds: number;
}

/** Finished requests of an evaluation, with which an interrupted evaluation resumes. */
export interface ScoreJournal {
  /** Starts a task and its clock. */
  task<Value>(name: string): TaskJournal<Value>;
}

interface Line {
  readonly task: string;
  /** Since the previous line, or since the start of the task. */
  readonly seconds: number;
  readonly results: readonly (readonly [number, unknown])[];
}

/**
 * @param path  file that is read if it exists, and appended to; null keeps nothing. An incomplete last line is dropped.
 * @param note  receives a damaged line, which is dropped with all after it: their requests are computed again
 */
export function openScoreJournal(path: string | null, note: (line: string) => void = () => {}): ScoreJournal {
  const lines = path === null ? [] : readJournal<Line>(path, form, (damage) => note(damageNote(damage)));
  if (path !== null) rewriteJournal(path, lines, form);
  return {
    task<Value>(name: string): TaskJournal<Value> {
      const taskLines = lines.filter(({ task }) => task === name);
      const known = new Map(taskLines.flatMap(({ results }) => results as readonly (readonly [number, Value])[]));
      let seconds = taskLines.reduce((sum, line) => sum + line.seconds, 0);
      let last = performance.now();
      return {
        known,
        get seconds() {
          return seconds;
        },
        add(results) {
          const now = performance.now();
          const line = { task: name, seconds: (now - last) / 1000, results };
          last = now;
          seconds += line.seconds;
          for (const [request, value] of results) known.set(request, value);
          if (path !== null) appendJournal(path, line, form);
        },
      };
    },
  };
}

/** JSON has neither NaN nor infinities: they are written as {number: text}. */
const form: JournalForm = {
  replacer: (_, value) => (typeof value === "number" && !Number.isFinite(value) ? { number: String(value) } : value),
  reviver: (_, value) =>
    typeof value === "object" && value !== null && "number" in value ? Number(value.number) : value,
};
