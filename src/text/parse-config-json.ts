/** Strings, and the values that Python's json reads and writes beyond JSON. */
const pythonValues = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g;

/**
 * Parses the JSON of a configuration as Python does. NaN and infinities become the objects that transformers writes for
 * them, `{"__float__": "NaN"}`.
 *
 * @throws SyntaxError
 */
export function parseConfigJson(text: string): unknown {
  const tagged = (value: string) => (value.startsWith('"') ? value : `{"__float__":"${value}"}`);
  return JSON.parse(text.replace(pythonValues, tagged));
}
