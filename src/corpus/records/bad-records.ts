import { StrataError } from "../../errors/strata-error.js";
import { plural } from "../../text/plural.js";

/** The number of skipped records, and the error messages of the first few. */
export interface SkippedRecords {
  readonly count: number;
  readonly first: readonly string[];
}

export interface BadRecords {
  /** Counts an unusable record. @throws StrataError if the limit is exceeded */
  add(error: StrataError): void;
  skipped(): SkippedRecords;
}

const maxMessages = 5;

/**
 * @param limit   how many records may be skipped; at 0 the first one is an error
 * @param before  records that were skipped before an interruption
 */
export function createBadRecords(limit: number, before: SkippedRecords = { count: 0, first: [] }): BadRecords {
  let { count, first } = before;
  return {
    add(error) {
      if (count >= limit) throw limit === 0 ? error : tooMany(error, limit);
      count++;
      if (first.length < maxMessages) first = [...first, error.message.split("\n")[0]];
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
