import { firstLargest } from "../../metric/statistics.js";
import { codePoints } from "../../task/python-text.js";
import { isRecord } from "../is-record.js";

/** What a model answered: the number of a choice from 0, or an extracted text; null for a log-likelihood of a text. */
export type Answer = number | string | null;

export interface Answers {
  /** By each metric that judges another answer than `usual`. */
  readonly special: Readonly<Record<string, Answer>>;
  readonly usual: Answer;
}

/** The answer that a metric judges. */
export function answerOf({ special, usual }: Answers, metric: string): Answer {
  return Object.hasOwn(special, metric) ? special[metric] : usual;
}

/**
 * @param line  of a samples file
 * @param delimiter  between context and choice, which the length of a choice does not count
 */
export function readAnswers(line: Readonly<Record<string, unknown>>, delimiter: string): Answers {
  const responses = Array.isArray(line.filtered_resps) ? (line.filtered_resps as unknown[]) : [];
  if (responses.length > 1 && responses.every((one) => Array.isArray(one) && one.length === 2)) {
    const scores = responses.map((one) => Number((one as unknown[])[0]));
    return choose(scores, choicesOf(line.arguments, delimiter));
  }
  const [only] = responses;
  return { usual: typeof only === "string" ? only : null, special: {} };
}

function choose(scores: readonly number[], choices: readonly string[]): Answers {
  const usual = firstLargest(scores);
  if (choices.length !== scores.length) return { usual, special: {} };
  const per = (length: (choice: string) => number) =>
    firstLargest(scores.map((score, i) => score / length(choices[i])));
  const special = {
    acc_norm: per(codePoints),
    acc_bytes: per((choice) => Buffer.byteLength(choice)),
  };
  return { usual, special };
}

function choicesOf(requests: unknown, delimiter: string): string[] {
  if (!isRecord(requests)) return [];
  return Object.values(requests).flatMap((request) => {
    const continuation = isRecord(request) ? request.arg_1 : null;
    if (typeof continuation !== "string") return [];
    return [continuation.startsWith(delimiter) ? continuation.slice(delimiter.length) : continuation];
  });
}
