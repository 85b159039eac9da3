import type { MultipleChoiceItem } from "./item.js";
import { PythonFloat } from "../../text/python-float.js";
import {
  fieldOf,
  labelOf,
  noAnswersHint,
  recordError,
  textField,
  textListField,
  textOf,
  type DataRecord,
} from "./record.js";

const correct = "Correct or remove this record.";

/**
 * Formats an ARC record as lm-evaluation-harness does. Two layouts: the hub's columns (question, choices: {text: […],
 * label: […]}) and AI2's lines (question: {stem, choices: [{text, label}]}). The key is looked up among the labels as
 * text, so 2, 2.0 and "2" are the same; of two equal labels the first counts.
 *
 * @throws StrataError naming `where` and the wrong field
 */
export function arcItem(record: DataRecord, where: string): MultipleChoiceItem {
  const layout = isRecord(record.question) ? ai2Layout(record.question, where) : hubLayout(record, where);
  const { question, texts, labels } = layout;
  if (labels.length !== texts.length) {
    throw recordError(`${where} choices`, `a label for each of ${texts.length} texts`, labels, correct);
  }
  const key = textField(record, "answerKey", where, labelOf);
  const gold = labels.indexOf(key);
  if (gold < 0) {
    const hint = key.trim() === "" ? noAnswersHint : correct;
    throw recordError(`${where} answerKey`, `one of the labels ${labels.join(", ")}`, record.answerKey, hint);
  }
  return { context: `Question: ${question}\nAnswer:`, choices: texts, gold };
}

interface Layout {
  readonly question: string;
  readonly texts: readonly string[];
  readonly labels: readonly string[];
}

function ai2Layout(question: DataRecord, where: string): Layout {
  const choices = fieldOf(question, "choices", `${where} question`);
  if (!Array.isArray(choices) || choices.length === 0 || !choices.every(isRecord)) {
    throw recordError(`${where} question.choices`, "a list of {text, label}", choices, correct);
  }
  const field = (name: string, read = textOf) =>
    choices.map((choice, i) => textField(choice, name, `${where} question.choices[${i}]`, read));
  return {
    question: textField(question, "stem", `${where} question`),
    texts: field("text"),
    labels: field("label", labelOf),
  };
}

function hubLayout(record: DataRecord, where: string): Layout {
  const choices = fieldOf(record, "choices", where);
  if (!isRecord(choices)) {
    throw recordError(`${where} choices`, "{text: [...], label: [...]}", choices, correct);
  }
  return {
    question: textField(record, "question", where),
    texts: textListField(choices, "text", `${where} choices`),
    labels: textListField(choices, "label", `${where} choices`, labelOf),
  };
}

function isRecord(value: unknown): value is DataRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof PythonFloat);
}
