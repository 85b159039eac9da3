import { Dict, type Value } from "../../../text/jinja/values/value.js";
import { capitalize } from "../../../text/jinja/methods/text-case.js";
import { strip } from "../../task/python-text.js";
import { noAnswersHint } from "../../task/record.js";
import { columnError, columnOf, shown, textColumn, textsColumn, type TaskFunction } from "./task-function.js";

const name = "hellaswag.process_docs";

/**
 * Adds `query`, `choices` and `gold`: the context and the endings without WikiHow's markup. A document with a `query`
 * but without the columns that the context is made of has clean texts already; they are not changed.
 */
function processDocument(doc: Dict): Dict {
  const isClean = doc.has("query") && !doc.has("ctx_a") && !doc.has("ctx_b");
  const query = isClean ? textColumn(doc, "query", name) : contextOf(doc);
  const endings = textsColumn(doc, "endings", name);
  const choices = isClean ? endings : endings.map(cleanHellaswag);
  const label = columnOf(doc, "label", name);
  const gold = indexOf(label);
  if (gold === null) throw columnError(`${name} label`, "the index of an ending", shown(label), noAnswersHint);
  return new Dict([...doc.items(), ["query", query], ["choices", choices], ["gold", gold]]);
}

function contextOf(doc: Dict): string {
  const [activity, start, end] = ["activity_label", "ctx_a", "ctx_b"].map((column) => textColumn(doc, column, name));
  return cleanHellaswag(`${activity}: ${start} ${capitalize(end)}`);
}

/**
 * Removes WikiHow's markup: ` [title]` becomes a full stop, other text in brackets is removed, then every two spaces
 * become one, in a single pass.
 */
function cleanHellaswag(text: string): string {
  return strip(text)
    .replaceAll(" [title]", ". ")
    .replace(/\[[^\n]*?\]/g, "")
    .replaceAll("  ", " ");
}

function indexOf(label: Value): number | null {
  if (typeof label === "number") return label;
  return typeof label === "string" && /^\s*\d+\s*$/.test(label) ? Number(label) : null;
}

export const hellaswagFunctions: Readonly<Record<string, TaskFunction>> = {
  [name]: { kind: "document", run: processDocument },
};
