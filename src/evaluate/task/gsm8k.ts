import type { ExactMatchItem } from "./item.js";
import { textField, type DataRecord } from "./record.js";

/** Where a generation ends besides the model's own end of text. */
export const gsm8kStops: readonly string[] = ["Question:", "</s>", "<|im_end|>"];

/**
 * The harness's form of a GSM8K record: `Question: …` and `Answer:`. The reference is the whole worked answer; the comparison
 * finds the number in it.
 *
 * @throws StrataError naming `where` and the field that is wrong
 */
export function gsm8kItem(record: DataRecord, where: string): ExactMatchItem {
  return {
    prompt: `Question: ${textField(record, "question", where)}\nAnswer:`,
    answer: textField(record, "answer", where),
  };
}
