import { existsSync, readFileSync } from "node:fs";
import { appendLine, writeFileAtomic } from "../../files/atomic-file.js";

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
  const lines = path === null ? [] : readLines(path);
  if (path !== null) writeFileAtomic(path, lines.map((line) => `${textOf(line)}\n`).join(""));
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
          if (path !== null) appendLine(path, textOf(line));
        },
      };
    },
  };
}

function readLines(path: string): Line[] {
  if (!existsSync(path)) return [];
  const lines: Line[] = [];
  for (const text of readFileSync(path, "utf8").split("\n").slice(0, -1)) {
    try {
      lines.push(JSON.parse(text, revive) as Line);
    } catch {
      break;
    }
  }
  return lines;
}

/** JSON has no NaN and no infinities: they are written as {number: text}. */
function textOf(line: Line): string {
  return JSON.stringify(line, (_, value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? { number: String(value) } : value,
  );
}

function revive(_: string, value: unknown): unknown {
  return typeof value === "object" && value !== null && "number" in value ? Number(value.number) : value;
}
