import type { DataRecord } from "../../../task/record.js";
import { stripStart } from "../../../../text/jinja/values/whitespace.js";
import { asText, checkLabels, checkTexts, nestedQuestion, type HubForm } from "./hub-form.js";

/** AI2's lines have their choices within the question; the answer's key is a letter or a digit. */
export const arc: HubForm = {
  fromAuthors(record, where) {
    const nested = nestedQuestion(record, where);
    if (nested === null)
      return { ...record, ...("answerKey" in record ? { answerKey: asText(record.answerKey) } : {}) };
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

function withId(record: DataRecord, columns: DataRecord): DataRecord {
  const id = "id" in record ? { id: record.id } : {};
  const key = "answerKey" in record ? { answerKey: asText(record.answerKey) } : {};
  return { ...id, ...columns, ...key };
}
