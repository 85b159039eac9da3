import { strip } from "../task/python-text.js";

/** The result of a filter for a response without an answer. It matches no reference. */
const noAnswer = "[invalid]";

/** GSM8K's `strict-match`: the number after the first `#### `. */
export function strictMatch(response: string): string {
  const match = /#### (-?[0-9.,]+)/.exec(response);
  return match ? strip(match[1]) : noAnswer;
}

/** GSM8K's `flexible-extract`: the last substring that looks like a number. */
export function flexibleExtract(response: string): string {
  const last = [...response.matchAll(/(-?[$0-9.,]{2,})|(-?[0-9]+)/g)].at(-1);
  return last ? strip(last[1] || last[2]) : noAnswer;
}

/** GSM8K's normalization: removes commas, dollar signs, text up to the last `#### ` and a final period; lowercases. */
function normalize(text: string): string {
  return text
    .replaceAll(",", "")
    .replaceAll("$", "")
    .replace(/[\s\S]*#### /, "")
    .replace(/\.(?=\n?$)/, "")
    .toLowerCase();
}

/** Compares normalized texts: 18.0 is not 18. The reference may be a worked solution that ends in `#### 18`. */
export function isExactMatch(prediction: string, reference: string): boolean {
  return normalize(prediction) === normalize(reference);
}

/** Whether a filter can return a text that matches the reference: a number, alone or after the last `#### `. */
export function isMatchable(reference: string): boolean {
  return /^-?[0-9.]+$/.test(normalize(reference));
}

/** The strings that end a generation: those of the task, and the texts of EOS tokens. */
export function stopStrings(ofTask: readonly string[], ofEos: readonly string[]): string[] {
  return [...new Set([...ofTask, ...ofEos])];
}

/** Cuts the text at the first stop string, the rest at the second, and so on. Incomplete stop strings are kept. */
export function cutAtStops(text: string, stops: readonly string[]): string {
  let kept = text;
  for (const stop of stops) if (stop !== "") kept = kept.split(stop, 1)[0];
  return kept;
}
