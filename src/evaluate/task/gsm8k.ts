import type { ExactMatchItem } from "./item.js";
import { noAnswersHint, recordError, textField, type DataRecord } from "./record.js";

/** Strings that end a generation, besides EOS. */
export const gsm8kStops: readonly string[] = ["Question:", "</s>", "<|im_end|>"];

/**
 * Formats a GSM8K record as lm-evaluation-harness does: `Question: …`, then `Answer:`. The reference is the whole
 * worked solution, from which the comparison extracts the number.
 *
 * @throws StrataError naming `where` and the wrong field
 */
export function gsm8kItem(record: DataRecord, where: string): ExactMatchItem {
  const question = textField(record, "question", where);
  const answer = textField(record, "answer", where);
  if (answer.trim() === "") throw recordError(`${where} answer`, "a reference answer", record.answer, noAnswersHint);
  return { prompt: `Question: ${question}\nAnswer:`, answer };
}
