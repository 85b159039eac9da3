import { toText } from "./text.js";
import { Markup, type Value } from "./value.js";

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "'": "&#39;",
  '"': "&#34;",
};

/** The HTML of a value: Markup as it is, another value escaped. */
export function escapeText(value: Value): string {
  return value instanceof Markup ? value.text : toText(value).replace(/[&<>'"]/g, (char) => entities[char]);
}
