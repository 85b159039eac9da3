import type { ShardsResult } from "../../run/kinds/shards.js";
import { plural } from "../../text/plural.js";

/** What was left out of shards, for people: `12 documents, 3051 tokens left out: held out by another data set`; empty if nothing was. */
export function shardsNote({ sources }: ShardsResult): string {
  const documents = sources.reduce((sum, { leftOut }) => sum + leftOut.documents, 0);
  const tokens = sources.reduce((sum, { leftOut }) => sum + leftOut.tokens, 0);
  if (documents === 0) return "";
  return ` (${plural(documents, "document")}, ${tokens} tokens left out: held out by another data set)`;
}
