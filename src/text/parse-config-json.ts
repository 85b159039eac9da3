/** Strings, and the values that Python's json reads and writes beyond JSON. */
const pythonValues = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g;

/**
 * Parses the JSON of a configuration as Python does. NaN and infinities become the objects that transformers writes for
 * them, `{"__float__": "NaN"}`.
 *
 * @throws SyntaxError
 */
export function parseConfigJson(text: string): unknown {
  return JSON.parse(replacePythonValues(text, (value) => `{"__float__":"${value}"}`));
}

/** The text with JSON in place of each `NaN`, `Infinity` and `-Infinity` outside of strings. */
export function replacePythonValues(text: string, jsonOf: (value: string) => string): string {
  return text.replace(pythonValues, (value) => (value.startsWith('"') ? value : jsonOf(value)));
}
