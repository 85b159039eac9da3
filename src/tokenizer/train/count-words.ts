import { cutText, type Cut } from "../encode/cut.js";

/** How often each piece occurs in the texts, which are read one at a time. */
export async function countWords(
  texts: Iterable<string> | AsyncIterable<string>,
  cuts: readonly Cut[],
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for await (const text of texts) {
    for (const word of cutText(text, cuts)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}
