import { noAnswersHint, recordError, textField } from "../../../task/record.js";
import { arranged, asItIs, asText, checkIndex, checkTexts, textList, wrongColumn, type HubForm } from "./hub-form.js";

export const gsm8k: HubForm = {
  fromAuthors: asItIs,
  check(record, where) {
    // A template prints a number as a text.
    for (const column of ["question", "answer"]) textField(record, column, where);
    if (typeof record.answer === "string" && record.answer.trim() === "")
      throw recordError(`${where} answer`, "a reference answer", record.answer, noAnswersHint);
  },
};

/** The answer of the authors' lines is true or false; SuperGLUE's label is, too. */
export const boolq: HubForm = {
  fromAuthors(record) {
    const { answer, label = answer, title: _, ...others } = record;
    if (typeof label !== "boolean") return record;
    return arranged({ ...others, label: Number(label) }, ["question", "passage", "idx", "label"]);
  },
  check(record, where) {
    checkTexts(record, ["passage", "question"], where);
    checkIndex(record, "label", 2, where);
  },
};

export const piqa: HubForm = {
  fromAuthors: asItIs,
  check(record, where) {
    checkTexts(record, ["goal", "sol1", "sol2"], where);
    checkIndex(record, "label", 2, where);
  },
};

export const sciq: HubForm = {
  fromAuthors: asItIs,
  check: (record, where) =>
    checkTexts(record, ["support", "question", "distractor1", "distractor2", "distractor3", "correct_answer"], where),
};

/** The authors' lines have an id, which the hub does not. */
export const winogrande: HubForm = {
  fromAuthors: (record) => ({
    ...arranged(record, [], ["qID"]),
    ...("answer" in record ? { answer: asText(record.answer) } : {}),
  }),
  check(record, where) {
    checkTexts(record, ["sentence", "option1", "option2", "answer"], where);
    if (!(record.sentence as string).includes("_"))
      throw recordError(`${where} sentence`, "a sentence with a blank _", record.sentence, wrongColumn);
    if (record.answer !== "1" && record.answer !== "2")
      throw recordError(`${where} answer`, '"1" or "2"', record.answer, noAnswersHint);
  },
};

export const mmlu: HubForm = {
  fromAuthors: asItIs,
  check(record, where) {
    checkTexts(record, ["question"], where);
    const choices = textList(record, "choices", where);
    if (choices.length !== 4) throw recordError(`${where} choices`, "four choices", choices, wrongColumn);
    checkIndex(record, "answer", 4, where);
  },
};

export const wikitext: HubForm = {
  fromAuthors: asItIs,
  check: (record, where) => checkTexts(record, ["page"], where),
};
