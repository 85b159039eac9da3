import type { MultipleChoiceItem } from "./item.js";
import { capitalize } from "../../text/jinja/methods/text-case.js";
import { strip } from "./python-text.js";
import { choiceIndexField, textField, textListField, type DataRecord } from "./record.js";

/**
 * Removes WikiHow's markup: ` [title]` becomes a full stop, other text in brackets is removed, then every two spaces
 * become one, in a single pass.
 */
export function cleanHellaswag(text: string): string {
  return strip(text)
    .replaceAll(" [title]", ". ")
    .replace(/\[[^\n]*?\]/g, "")
    .replaceAll("  ", " ");
}

/**
 * Formats a HellaSwag record as lm-evaluation-harness does. Two layouts: the hub's columns (activity_label, ctx_a,
 * ctx_b, endings, label), and {query, endings, label}, whose texts are already clean and are not changed.
 *
 * @throws StrataError naming `where` and the wrong field
 */
export function hellaswagItem(record: DataRecord, where: string): MultipleChoiceItem {
  const endings = textListField(record, "endings", where);
  const gold = choiceIndexField(record, "label", endings.length, where);
  if ("query" in record) return { context: textField(record, "query", where), choices: endings, gold };
  const activity = textField(record, "activity_label", where);
  const context = `${activity}: ${textField(record, "ctx_a", where)} ${capitalize(textField(record, "ctx_b", where))}`;
  return { context: cleanHellaswag(context), choices: endings.map(cleanHellaswag), gold };
}
