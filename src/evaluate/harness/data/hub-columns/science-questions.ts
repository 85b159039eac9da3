import type { DataRecord } from "../../../task/record.js";
import { isRecord } from "../../is-record.js";
import { stripStart } from "../../../../text/jinja/values/whitespace.js";
import { asText, checkLabels, checkTexts, nestedQuestion, type HubForm } from "./hub-form.js";

/** AI2's lines have their choices within the question; the answer's key is a letter or a digit. */
export const arc: HubForm = {
  fromAuthors(record, where) {
    const nested = nestedQuestion(record, where);
    if (nested === null) return withTextKeys(record);
    return withId(record, { question: nested.stem, choices: nested.choices });
  },
  check(record, where) {
    checkTexts(record, ["question"], where);
    checkLabels(record, where);
  },
};

export const openbookqa: HubForm = {
  fromAuthors(record, where) {
    const nested = nestedQuestion(record, where);
    return nested === null ? record : withId(record, { question_stem: nested.stem, choices: nested.choices });
  },
  check(record, where) {
    checkTexts(record, ["question_stem"], where);
    checkLabels(record, where, stripStart);
  },
};

/** Labels and answer as texts, unless all are numbers: a number is not among texts, and a text not among numbers. */
function withTextKeys(record: DataRecord): DataRecord {
  const { choices, answerKey } = record;
  if (!("answerKey" in record)) return record;
  const labels = isRecord(choices) && Array.isArray(choices.label) ? (choices.label as readonly unknown[]) : [];
  if (typeof answerKey === "number" && labels.every((label) => typeof label === "number")) return record;
  const hasNumbers = labels.some((label) => typeof label !== "string");
  return {
    ...record,
    ...(hasNumbers && isRecord(choices) ? { choices: { ...choices, label: labels.map(asText) } } : {}),
    answerKey: asText(answerKey),
  };
}

function withId(record: DataRecord, columns: DataRecord): DataRecord {
  const id = "id" in record ? { id: record.id } : {};
  const key = "answerKey" in record ? { answerKey: asText(record.answerKey) } : {};
  return { ...id, ...columns, ...key };
}
