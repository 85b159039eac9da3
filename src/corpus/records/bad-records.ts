import { StrataError } from "../../errors/strata-error.js";
import { plural } from "../../text/plural.js";

/** What was skipped: how many records, and the messages of the first few. */
export interface SkippedRecords {
  readonly count: number;
  readonly first: readonly string[];
}

export interface BadRecords {
  /** Counts a record that cannot be used. @throws StrataError if it is one more than may be skipped */
  add(error: StrataError): void;
  skipped(): SkippedRecords;
}

const shown = 5;

/**
 * @param limit  how many may be skipped; 0: the first is an error
 * @param before  what was skipped before
 */
export function createBadRecords(limit: number, before: SkippedRecords = { count: 0, first: [] }): BadRecords {
  let { count, first } = before;
  return {
    add(error) {
      if (count >= limit) throw limit === 0 ? error : tooMany(error, limit);
      count++;
      if (first.length < shown) first = [...first, error.message.split("\n")[0]];
    },
    skipped: () => ({ count, first }),
  };
}

function tooMany({ parts }: StrataError, limit: number): StrataError {
  return new StrataError("CorpusError", {
    where: parts.where,
    expected: `at most ${plural(limit, "bad record")}`,
    got: `one more: expected ${parts.expected}, got ${parts.got}`,
    hint: "Correct the data, or raise `maxBadRecords`.",
  });
}
