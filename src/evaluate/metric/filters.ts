import { strip } from "../task/python-text.js";

/** What a filter gives for a response without an answer; it equals no reference. */
export const noAnswer = "[invalid]";

/** GSM8K's `strict-match`: the number after the first `#### `. */
export function strictMatch(response: string): string {
  const match = /#### (-?[0-9.,]+)/.exec(response);
  return match ? strip(match[1]) : noAnswer;
}

/** GSM8K's `flexible-extract`: the last thing that looks like a number, wherever it stands. */
export function flexibleExtract(response: string): string {
  const last = [...response.matchAll(/(-?[$0-9.,]{2,})|(-?[0-9]+)/g)].at(-1);
  return last ? strip(last[1] || last[2]) : noAnswer;
}

/** GSM8K's normal form: no commas, no dollars, nothing up to the last `#### `, no final dot, lower case. */
function normalForm(text: string): string {
  return text
    .replaceAll(",", "")
    .replaceAll("$", "")
    .replace(/[\s\S]*#### /, "")
    .replace(/\.(?=\n?$)/, "")
    .toLowerCase();
}

/** Equality of normal forms as text: 18.0 is not 18. The reference may be a whole worked answer ending in `#### 18`. */
export function isExactMatch(prediction: string, reference: string): boolean {
  return normalForm(prediction) === normalForm(reference);
}

/** The strings that end a generation: the task's own and the model's end of text. */
export function stopStrings(own: readonly string[], endOfText: readonly string[]): string[] {
  return [...new Set([...own, ...endOfText])];
}

/** Cuts at the first place of the first stop string, what is left at that of the second, and so on. Half a stop string stays. */
export function cutAtStops(text: string, stops: readonly string[]): string {
  let kept = text;
  for (const stop of stops) if (stop !== "") kept = kept.split(stop, 1)[0];
  return kept;
}
