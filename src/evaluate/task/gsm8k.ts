import type { ExactMatchItem } from "./item.js";
import { textField, type DataRecord } from "./record.js";

/** Strings that end a generation, besides EOS. */
export const gsm8kStops: readonly string[] = ["Question:", "</s>", "<|im_end|>"];

/**
 * Formats a GSM8K record as lm-evaluation-harness does: `Question: …`, then `Answer:`. The reference is the whole
 * worked solution, from which the comparison extracts the number.
 *
 * @throws StrataError naming `where` and the wrong field
 */
export function gsm8kItem(record: DataRecord, where: string): ExactMatchItem {
  return {
    prompt: `Question: ${textField(record, "question", where)}\nAnswer:`,
    answer: textField(record, "answer", where),
  };
}
