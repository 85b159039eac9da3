import { describePart } from "../../../jobs/packed/pack-format.js";
import type { NamedPart } from "../../../run/carry/choose-parts.js";
import type { CollectedFile } from "../../../run/carry/collect-parts.js";
import type { ContinuedRun } from "../../../run/carry/continue-run.js";
import { quoteShell } from "../../../text/quote-shell.js";
import { notesText } from "../notes-text.js";

export function collectedText({ file, outcome, part, error, notes }: CollectedFile): string {
  if (part === null) return `✗ ${file}: refused\n${error?.name}: ${error?.message}\n`;
  const what = { collected: "✓", already: "already collected:", refused: "✗" }[outcome];
  return `${what} ${file}: ${describePart(part)}\n${notesText(notes)}`;
}

/**
 * What a run waits for, and the commands that hand out the next parts.
 *
 * @param packCommand  `strata pack` with the recipe and the options that find the run
 */
export function continuedText(packCommand: string, { missing, next }: ContinuedRun): string {
  const list = (parts: readonly NamedPart[]) => parts.map((part) => `  ${describePart(part)}\n`).join("");
  const commands = next.map(
    ({ strategy, round, part }) =>
      `  ${packCommand} --strategy ${quoteShell(strategy)}${round > 1 ? ` --round ${round}` : ""} --part ${part}\n`,
  );
  return [
    missing.length > 0 ? `Missing parts, which were handed out:\n${list(missing)}` : "",
    commands.length > 0 ? `Next parts to hand out:\n${commands.join("")}` : "",
  ].join("");
}
