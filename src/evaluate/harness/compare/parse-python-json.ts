/** Strings, and the numbers that Python's json writes beyond JSON. */
const pythonNumbers = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g;

/**
 * Parses JSON as Python writes it: infinities are numbers, NaN is null.
 *
 * @throws SyntaxError
 */
export function parsePythonJson(text: string): unknown {
  if (!text.includes("NaN") && !text.includes("Infinity")) return JSON.parse(text);
  const replaced = text.replace(pythonNumbers, (match) => {
    if (match.startsWith('"')) return match;
    return match === "NaN" ? "null" : match.replace("Infinity", "1e999");
  });
  return JSON.parse(replaced);
}
