import { appendJournal, readJournal, rewriteJournal, type JournalForm } from "../../files/journal.js";

/** Results of one task, by the number of the request. */
export interface TaskJournal<Value> {
  readonly known: ReadonlyMap<number, Value>;
  /** Adds results to `known`, and to the file if there is one. */
  add(results: readonly (readonly [number, Value])[]): void;
  /** Seconds of work that the results took, those of earlier runs included. */
  readonly seconds: number;
}

/** Finished requests of an evaluation, kept so that an interrupted one goes on where it was. */
export interface ScoreJournal {
  /** Begins a task; its clock starts. */
  task<Value>(name: string): TaskJournal<Value>;
}

interface Line {
  readonly task: string;
  /** Of work since the line before or the begin of the task. */
  readonly seconds: number;
  readonly results: readonly (readonly [number, unknown])[];
}

/**
 * @param path  a file that is read, if it is there, and appended to; null keeps nothing. What a crash cut short is dropped.
 */
export function openScoreJournal(path: string | null): ScoreJournal {
  const lines = path === null ? [] : readJournal<Line>(path, form);
  if (path !== null) rewriteJournal(path, lines, form);
  return {
    task<Value>(name: string): TaskJournal<Value> {
      const own = lines.filter(({ task }) => task === name);
      const known = new Map(own.flatMap(({ results }) => results as readonly (readonly [number, Value])[]));
      let seconds = own.reduce((sum, line) => sum + line.seconds, 0);
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

/** JSON has no NaN and no infinities: they are written as {number: text}. */
const form: JournalForm = {
  replacer: (_, value) => (typeof value === "number" && !Number.isFinite(value) ? { number: String(value) } : value),
  reviver: (_, value) =>
    typeof value === "object" && value !== null && "number" in value ? Number(value.number) : value,
};
