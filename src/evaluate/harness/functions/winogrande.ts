import type { Dict } from "../../../text/jinja/values/value.js";
import { strip } from "../../task/python-text.js";
import { noAnswersHint } from "../../task/record.js";
import { columnError, columnOf, shown, textColumn, type TaskFunction } from "./task-function.js";

const [context, target, choices] = ["doc_to_text", "doc_to_target", "doc_to_choice"].map((key) => `winogrande.${key}`);

/** The sentence before and after the blank, which is the first `_`. */
function aroundBlank(doc: Dict, name: string): readonly [before: string, after: string] {
  const sentence = textColumn(doc, "sentence", name);
  const blank = sentence.indexOf("_");
  if (blank < 0) throw columnError(`${name} sentence`, "a sentence with a blank _", shown(sentence));
  return [sentence.slice(0, blank), sentence.slice(blank + 1)];
}

/** The index of the correct noun, which selects among the contexts. */
function answerOf(doc: Dict): number {
  const answer = columnOf(doc, "answer", context);
  const index = ["1", "2"].indexOf(answer as string);
  if (index < 0) throw columnError(`${context} answer`, 'the answer "1" or "2"', shown(answer), noAnswersHint);
  return index;
}

function choicesOf(doc: Dict): string[] {
  const [before] = aroundBlank(doc, choices);
  return ["option1", "option2"].map((column) => before + textColumn(doc, column, choices));
}

export const winograndeFunctions: Readonly<Record<string, TaskFunction>> = {
  [context]: { kind: "value", run: answerOf },
  [target]: { kind: "value", run: (doc) => strip(aroundBlank(doc, target)[1]) },
  [choices]: { kind: "value", run: choicesOf },
};
