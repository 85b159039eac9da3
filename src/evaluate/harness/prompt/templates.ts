import { StrataError } from "../../../errors/strata-error.js";
import { pythonRegExp } from "../../../text/python-regex.js";
import { filter } from "../../../text/jinja/filters/filter.js";
import type { TemplateSettings } from "../../../text/jinja/settings.js";
import { compileTemplate, type Template } from "../../../text/jinja/template.js";
import { TemplateError } from "../../../text/jinja/template-error.js";
import { toText } from "../../../text/jinja/values/text.js";
import { type Dict, type Value } from "../../../text/jinja/values/value.js";

/** `re.sub`: `\1` and `\g<1>` of the replacement are groups. */
const regexReplace = filter(
  "regex_replace",
  ["pattern", "repl", ["count", 0]],
  (value, [pattern, replacement, count]) => {
    let left = Number(count) > 0 ? Number(count) : Infinity;
    return toText(value).replace(pythonRegExp(toText(pattern), "g"), (...match: unknown[]) => {
      if (left-- <= 0) return match[0] as string;
      return toText(replacement).replace(/\\(?:g<(\d+)>|(\d))/g, (_, named?: string, plain?: string) =>
        String(match[Number(named ?? plain)] ?? ""),
      );
    });
  },
);

/** The environment of lm-evaluation-harness. */
const settings: TemplateSettings = {
  trimsBlocks: false,
  keepsTrailingNewline: true,
  isStrict: true,
  filters: { regex_replace: regexReplace },
};

const compiled = new Map<string, Template>();

/**
 * Renders a template of a task file with the columns of a document.
 *
 * @param where  of the template and the document, for errors
 * @throws StrataError if the template is wrong, or the document lacks what it prints
 */
export function renderTemplate(source: string, doc: Dict, where: string): string {
  try {
    const template = compiled.get(source) ?? compileTemplate(source, settings);
    compiled.set(source, template);
    const variables = new Map<string, Value>();
    for (const [key, value] of doc.items()) variables.set(toText(key), value);
    return template.render(variables).text;
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new StrataError(
      "EvaluationError",
      {
        where,
        expected: "a template that this document can fill",
        got: error.message,
        hint: `The document has ${Array.from(doc.keys(), toText).join(", ")}. Correct the data or the task file.`,
      },
      { cause: error },
    );
  }
}
