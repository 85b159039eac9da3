import { answerOf, type Answer } from "./read-answers.js";
import type { ItemPair } from "./pair-items.js";
import type { Item } from "./read-samples.js";

/** An item that two models answer differently. */
export interface ChangedItem {
  /** Its number in the first evaluation. */
  readonly docId: number;
  readonly docHash: string;
  readonly first: JudgedAnswer;
  readonly second: JudgedAnswer;
}

export interface JudgedAnswer {
  /** The number of a choice from 0, or the extracted text. */
  readonly answer: Answer;
  /** Null if the metric gives items a value between right and wrong. */
  readonly isRight: boolean | null;
  readonly value: number;
}

/** The items whose answer or value differs; none of a metric over words or bytes, where every item differs. */
export function changedItems(metric: string, pairs: readonly ItemPair[]): ChangedItem[] {
  return pairs.flatMap(({ first, second }) => {
    const [one, other] = [judge(first, metric), judge(second, metric)];
    if (one === null || other === null) return [];
    if (one.answer === other.answer && Object.is(one.value, other.value)) return [];
    return [{ docId: first.docId, docHash: first.docHash, first: one, second: other }];
  });
}

function judge({ values, answers }: Item, metric: string): JudgedAnswer | null {
  const value = values.get(metric);
  if (typeof value !== "number") return null;
  return { answer: answerOf(answers, metric), isRight: value === 1 ? true : value === 0 ? false : null, value };
}
