import { dirname } from "node:path";
import { createFolder } from "../files/create-folder.js";
import { appendJournal, damagedLine, readJournal, rewriteJournal } from "../files/journal.js";
import type { Values } from "./space.js";

/** A line of a search's journal. */
type Entry =
  | { readonly event: "search"; readonly definition: string; readonly time: string }
  | {
      readonly event: "candidate";
      readonly id: string;
      readonly values: Values;
      readonly value: number | null;
      readonly failure: string | null;
      readonly time: string;
    }
  /** Models that the search is going to train. */
  | { readonly event: "train"; readonly jobs: readonly string[] }
  /** The rung was complete with so many candidates. */
  | { readonly event: "end"; readonly rung: string; readonly candidates: number; readonly time: string };

export interface SearchJournal {
  /** Records jobs that the search is the first to run. */
  train(jobs: readonly string[]): void;
  /** All recorded ones. */
  trained(): readonly string[];
  /** Records a candidate once. */
  candidate(id: string, values: Values, value: number | null, failure: string | null): void;
  /** Records how many candidates a rung had, once. */
  end(rung: string, candidates: number): void;
  /** The recorded number; null if the rung did not end. */
  endOf(rung: string): number | null;
}

/**
 * Opens the journal of a search. One of another definition is replaced: its finished candidates are still in the store.
 *
 * @param definition  a hash of everything that the sequence of candidates depends on
 * @throws StrataError for a damaged line, or one of a version without checksums
 */
export function openSearchJournal(path: string, definition: string): SearchJournal {
  createFolder(dirname(path));
  const time = () => new Date().toISOString();
  const found = readJournal<Entry>(path, {}, (damage) => {
    throw damagedLine(damage, "Remove the file and search again: finished candidates are read from their jobs.");
  });
  const [first] = found;
  const isSame = first?.event === "search" && first.definition === definition;
  const kept = isSame ? found.slice(1) : found.filter(({ event }) => event === "train");
  const entries: Entry[] = [isSame ? first : { event: "search", definition, time: time() }, ...kept];
  // Also removes a line that a crash cut short.
  rewriteJournal(path, entries);
  const append = (entry: Entry) => {
    entries.push(entry);
    appendJournal(path, entry);
  };
  const endOf = (rung: string) => {
    const end = entries.find((entry) => entry.event === "end" && entry.rung === rung);
    return end?.event === "end" ? end.candidates : null;
  };
  return {
    train(jobs) {
      if (jobs.length > 0) append({ event: "train", jobs });
    },
    trained: () => [...new Set(entries.flatMap((entry) => (entry.event === "train" ? entry.jobs : [])))],
    candidate(id, values, value, failure) {
      const isKnown = entries.some(
        (entry) => entry.event === "candidate" && entry.id === id && entry.failure === null && failure === null,
      );
      if (!isKnown) append({ event: "candidate", id, values, value, failure, time: time() });
    },
    end(rung, candidates) {
      if (endOf(rung) === null) append({ event: "end", rung, candidates, time: time() });
    },
    endOf,
  };
}
