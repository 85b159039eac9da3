import { splitText, type Split } from "../encode/split.js";

/** Counts each pre-token of the texts, which are read one by one. */
export async function countWords(
  texts: Iterable<string> | AsyncIterable<string>,
  splits: readonly Split[],
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for await (const text of texts) {
    for (const word of splitText(text, splits)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}
