import type { MultipleChoiceItem } from "./item.js";
import { recordError, textField, textListField, type DataRecord } from "./record.js";

const correct = "Correct this record or leave it out.";

/**
 * The harness's form of an ARC record. Two layouts: the hub's columns (question, choices: {text: […], label: […]}) and
 * AI2's lines (question: {stem, choices: [{text, label}]}). Labels are letters or digits, three to five of them.
 *
 * @throws StrataError naming `where` and the field that is wrong
 */
export function arcItem(record: DataRecord, where: string): MultipleChoiceItem {
  const layout = isTable(record.question) ? ai2Layout(record.question, where) : hubLayout(record, where);
  const { question, texts, labels } = layout;
  const key = textField(record, "answerKey", where);
  const gold = labels.indexOf(key);
  if (labels.length !== texts.length) {
    throw recordError(`${where} choices`, `a label for each of ${texts.length} texts`, labels, correct);
  }
  if (gold < 0) {
    throw recordError(`${where} answerKey`, `one of the labels ${labels.join(", ")}`, key, correct);
  }
  return { context: `Question: ${question}\nAnswer:`, choices: texts, gold };
}

interface Layout {
  readonly question: string;
  readonly texts: readonly string[];
  readonly labels: readonly string[];
}

function ai2Layout(question: DataRecord, where: string): Layout {
  const { choices } = question;
  if (!Array.isArray(choices) || choices.length === 0 || !choices.every(isTable)) {
    throw recordError(`${where} question.choices`, "a list of {text, label}", choices, correct);
  }
  const field = (name: string) =>
    choices.map((choice, i) => textField(choice, name, `${where} question.choices[${i}]`));
  return { question: textField(question, "stem", `${where} question`), texts: field("text"), labels: field("label") };
}

function hubLayout(record: DataRecord, where: string): Layout {
  const { choices } = record;
  if (!isTable(choices)) {
    throw recordError(`${where} choices`, "{text: [...], label: [...]}", choices, correct);
  }
  return {
    question: textField(record, "question", where),
    texts: textListField(choices, "text", `${where} choices`),
    labels: textListField(choices, "label", `${where} choices`),
  };
}

function isTable(value: unknown): value is DataRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
