import { arcItem } from "./arc.js";
import { gsm8kItem } from "./gsm8k.js";
import { hellaswagItem } from "./hellaswag.js";
import type { ExactMatchItem, MultipleChoiceItem } from "./item.js";
import { choiceIndexField, recordError, textField, textListField, type DataRecord } from "./record.js";

/**
 * A record of HellaSwag, ARC or the plain form {context, choices, gold} as an item; the fields tell which.
 *
 * @param where  file and line of the record, for the message
 * @throws StrataError naming `where` and what is wrong
 */
export function multipleChoiceItem(record: DataRecord, where: string): MultipleChoiceItem {
  if ("endings" in record) return hellaswagItem(record, where);
  if ("question" in record) return arcItem(record, where);
  if ("context" in record) {
    const choices = textListField(record, "choices", where);
    const gold = choiceIndexField(record, "gold", choices.length, where);
    return { context: textField(record, "context", where), choices, gold };
  }
  throw recordError(
    where,
    "a record of HellaSwag (endings, label), ARC (question, answerKey) or {context, choices, gold}",
    Object.keys(record),
    "Name a file of one of these forms.",
  );
}

/** A record {question, answer} as an item, without examples in front. @throws StrataError naming `where` and what is wrong */
export function exactMatchItem(record: DataRecord, where: string): ExactMatchItem {
  return gsm8kItem(record, where);
}
