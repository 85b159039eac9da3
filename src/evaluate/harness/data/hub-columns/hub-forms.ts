import { hellaswag } from "./hellaswag.js";
import type { HubForm } from "./hub-form.js";
import { boolq, gsm8k, mmlu, piqa, sciq, wikitext, winogrande } from "./question-answer.js";
import { arc, openbookqa } from "./science-questions.js";

/** By the last part of the repository's name. */
const forms: Readonly<Record<string, HubForm>> = {
  ai2_arc: arc,
  openbookqa,
  hellaswag,
  gsm8k,
  piqa,
  sciq,
  winogrande,
  mmlu,
  wikitext_document_level: wikitext,
};

/** What is known of a data set of the hub; null if nothing is. */
export function hubFormOf(path: string, config: string | null): HubForm | null {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (name === "super_glue") return config === "boolq" ? boolq : null;
  return Object.hasOwn(forms, name) ? forms[name] : null;
}
