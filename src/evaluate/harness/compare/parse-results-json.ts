import { replacePythonValues } from "../../../text/parse-config-json.js";

/**
 * Parses JSON as Python writes it: infinities are numbers, NaN is null.
 *
 * @throws SyntaxError
 */
export function parseResultsJson(text: string): unknown {
  if (!text.includes("NaN") && !text.includes("Infinity")) return JSON.parse(text);
  return JSON.parse(
    replacePythonValues(text, (value) => (value === "NaN" ? "null" : value.replace("Infinity", "1e999"))),
  );
}
