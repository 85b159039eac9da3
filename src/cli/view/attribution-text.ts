import type { Attribution } from "../../merge/attribution/attribution.js";
import { attributionNotes, attributionTable, attributionTitle } from "../../merge/attribution/attribution-table.js";
import { alignTable } from "../../text/align-table.js";
import { notesText } from "./notes-text.js";

/** Which share of each model's change arrived, as a table; empty if no tensor was mixed. */
export function attributionText(attribution: Attribution, base: string | null): string {
  if (attribution.reference === "none") return "";
  const title = attributionTitle(attribution, base);
  return `\n${title}:\n${alignTable(attributionTable(attribution))}\n${notesText(attributionNotes(attribution))}`;
}
