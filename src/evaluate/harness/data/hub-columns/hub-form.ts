import {
  choiceIndexField,
  fieldOf,
  labelOf,
  noAnswersHint,
  recordError,
  textField,
  textListField,
  type DataRecord,
} from "../../../task/record.js";
import { isRecord } from "../../is-record.js";

/** What is known of a data set of the hub. The functions throw a StrataError that names `where` and the column. */
export interface HubForm {
  /** The record with the hub's columns, if it is a line of the data set's authors; otherwise as it is. */
  readonly fromAuthors: (record: DataRecord, where: string) => DataRecord;
  /** Checks what the tasks need of a record in the hub's columns. */
  readonly check: (record: DataRecord, where: string) => void;
}

export function asItIs(record: DataRecord): DataRecord {
  return record;
}

/** Checks that columns are there and are texts. */
export function checkTexts(record: DataRecord, columns: readonly string[], where: string): void {
  for (const column of columns) {
    const value = fieldOf(record, column, where);
    if (typeof value !== "string") throw recordError(`${where} ${column}`, "a text", value, wrongColumn);
  }
}

export const wrongColumn = "Correct this record or use another file.";

/** Checks an answer that is the index of a choice, as a whole number. */
export function checkIndex(record: DataRecord, column: string, choices: number, where: string): void {
  choiceIndexField(record, column, choices, where);
  if (typeof record[column] === "number") return;
  throw recordError(`${where} ${column}`, "a whole number", record[column], wrongColumn);
}

/** The question of the authors of ARC and OpenBookQA: its text, and its choices as the hub has them. */
export interface NestedQuestion {
  readonly stem: unknown;
  readonly choices: { readonly text: readonly unknown[]; readonly label: readonly unknown[] };
}

/** Null for a record in the hub's columns. */
export function nestedQuestion({ question }: DataRecord, where: string): NestedQuestion | null {
  if (!isRecord(question)) return null;
  const choices = fieldOf(question, "choices", `${where} question`);
  if (!Array.isArray(choices) || !choices.every(isRecord))
    throw recordError(`${where} question.choices`, "a list of {text, label}", choices, wrongColumn);
  const column = (name: string) => choices.map((choice, i) => fieldOf(choice, name, `${where} question.choices[${i}]`));
  return {
    stem: fieldOf(question, "stem", `${where} question`),
    choices: { text: column("text"), label: column("label").map(asText) },
  };
}

/** Checks `choices: {text, label}` and that the answer is one of the labels. */
export function checkLabels(record: DataRecord, where: string, trimmed = (key: string) => key): void {
  const choices = fieldOf(record, "choices", where);
  if (!isRecord(choices)) throw recordError(`${where} choices`, "{text: [...], label: [...]}", choices, wrongColumn);
  const [texts, labels] = ["text", "label"].map((name) => textListField(choices, name, `${where} choices`));
  if (labels.length !== texts.length)
    throw recordError(`${where} choices`, `a label for each of ${texts.length} texts`, labels, wrongColumn);
  const key = trimmed(textField(record, "answerKey", where, labelOf));
  if (labels.includes(key)) return;
  const hint = key.trim() === "" ? noAnswersHint : wrongColumn;
  throw recordError(`${where} answerKey`, `one of the labels ${labels.join(", ")}`, record.answerKey, hint);
}

/** A list of at least one text. */
export function textList(record: DataRecord, column: string, where: string): readonly string[] {
  const value = fieldOf(record, column, where);
  if (Array.isArray(value) && value.length > 0 && value.every((text) => typeof text === "string")) return value;
  throw recordError(`${where} ${column}`, "a list of at least one text", value, wrongColumn);
}

/** Numbers as the texts that the hub has for them; anything else as it is. */
export function asText(value: unknown): unknown {
  return labelOf(value) ?? value;
}

/** The record with its columns in this order, then the others, without `dropped`. */
export function arranged(record: DataRecord, columns: readonly string[], dropped: readonly string[] = []): DataRecord {
  const own = Object.keys(record).filter((name) => !columns.includes(name) && !dropped.includes(name));
  const names = [...columns.filter((name) => Object.hasOwn(record, name)), ...own];
  return Object.fromEntries(names.map((name) => [name, record[name]]));
}
