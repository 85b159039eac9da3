import { arcItem } from "./arc.js";
import { gsm8kItem } from "./gsm8k.js";
import { hellaswagItem } from "./hellaswag.js";
import type { ExactMatchItem, MultipleChoiceItem } from "./item.js";
import { choiceIndexField, recordError, textField, textListField, type DataRecord } from "./record.js";

/**
 * Converts a record of HellaSwag, ARC or the plain form {context, choices, gold} to an item. The fields identify the
 * form.
 *
 * @param where  file and line of the record, for the message
 * @throws StrataError naming `where` and the mistake
 */
export function multipleChoiceItem(record: DataRecord, where: string): MultipleChoiceItem {
  if ("endings" in record) return hellaswagItem(record, where);
  if ("question" in record || "answerKey" in record) return arcItem(record, where);
  if ("context" in record || "gold" in record) {
    const choices = textListField(record, "choices", where);
    const gold = choiceIndexField(record, "gold", choices.length, where);
    return { context: textField(record, "context", where), choices, gold };
  }
  throw recordError(
    where,
    "a record of HellaSwag (endings, label), ARC (question, answerKey) or {context, choices, gold}",
    Object.keys(record),
    "Use a file whose records have one of these forms.",
  );
}

/**
 * Converts a record {question, answer} to an item, without few-shot examples.
 *
 * @throws StrataError naming `where` and the wrong field
 */
export function exactMatchItem(record: DataRecord, where: string): ExactMatchItem {
  return gsm8kItem(record, where);
}
