import { choiceIndexField, type DataRecord } from "../../../task/record.js";
import { arranged, asText, checkTexts, textList, type HubForm } from "./hub-form.js";

const columns = "ind activity_label ctx_a ctx_b ctx endings source_id split split_type label".split(" ");

/** The authors' label is a whole number. Lines with a clean `query` in place of the context are as they are. */
export const hellaswag: HubForm = {
  fromAuthors(record) {
    const label = asText(record.label);
    if (label === record.label) return record;
    const labelled: DataRecord = { ...record, label };
    return "ctx_a" in record ? arranged(labelled, columns) : labelled;
  },
  check(record, where) {
    const isClean = "query" in record && !("ctx_a" in record) && !("ctx_b" in record);
    checkTexts(record, isClean ? ["query"] : ["activity_label", "ctx_a", "ctx_b"], where);
    const endings = textList(record, "endings", where);
    choiceIndexField(record, "label", endings.length, where);
  },
};
