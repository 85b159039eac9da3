import type { TokenizeResult } from "../../run/kinds/tokenize.js";
import { plural } from "../../text/plural.js";

/** Summary of a tokenized data set: `1464 documents, 5576015 tokens, 17 held out`, then a line for each bad record. */
export function tokenizedNote({ documents, tokens, heldOut, duplicatesRemoved, skipped }: TokenizeResult): string {
  const counts = [
    `${documents} documents`,
    `${tokens} tokens`,
    ...(heldOut > 0 ? [`${heldOut} held out`] : []),
    ...(duplicatesRemoved ? [`${duplicatesRemoved} duplicates removed`] : []),
    ...(skipped.count > 0 ? [`${plural(skipped.count, "bad record")} skipped`] : []),
  ];
  const more = skipped.count - skipped.first.length;
  const lines = [...skipped.first, ...(more > 0 ? [`and ${more} more`] : [])];
  return ` (${counts.join(", ")})${lines.map((line) => `\n  ${line}`).join("")}`;
}
