/** What happens to the matches of a pattern: `SplitDelimiterBehavior` of Hugging Face `tokenizers`. */
export const behaviors = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"] as const;
export type Behavior = (typeof behaviors)[number];

/** A rule that splits text into pre-tokens; merges never cross their boundaries. */
export interface Split {
  /** With flag g. */
  readonly pattern: RegExp;
  readonly behavior: Behavior;
  /** Whether the behavior applies to the gaps between matches instead. */
  readonly invert: boolean;
}

/** Applies the splits in order, each to the pieces of the previous one. */
export function splitText(text: string, splits: readonly Split[]): string[] {
  if (text === "") return [];
  let pieces = [text];
  for (const split of splits)
    pieces = pieces.length === 1 ? splitPiece(pieces[0], split) : pieces.flatMap((piece) => splitPiece(piece, split));
  return pieces;
}

function splitPiece(text: string, split: Split): string[] {
  const { pattern, behavior, invert } = split;
  if (behavior === "Removed" && invert) return text.match(pattern)?.filter((match) => match !== "") ?? [];
  if (behavior !== "Isolated") return joinParts(listParts(text, split), behavior);
  const matches = text.match(pattern)?.filter((match) => match !== "") ?? [];
  let length = 0;
  for (const match of matches) length += match.length;
  return length === text.length ? matches : joinParts(listParts(text, split), behavior);
}

interface Part {
  readonly text: string;
  readonly isMatch: boolean;
}

/** The matches and the gaps between them, in order. */
function listParts(text: string, { pattern, invert }: Split): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const { 0: match, index } of text.matchAll(pattern)) {
    if (match === "" && index === end && index > 0) continue;
    if (index > end) parts.push({ text: text.slice(end, index), isMatch: invert });
    parts.push({ text: match, isMatch: !invert });
    end = index + match.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end), isMatch: invert });
  return parts;
}

function joinParts(parts: readonly Part[], behavior: Behavior): string[] {
  const pieces: string[] = [];
  let wasMatch = false;
  for (const { text, isMatch } of behavior === "MergedWithNext" ? parts.toReversed() : parts) {
    const last = pieces.length - 1;
    const joins =
      last >= 0 &&
      (behavior === "Contiguous" ? isMatch === wasMatch : behavior.startsWith("Merged") && isMatch && !wasMatch);
    wasMatch = isMatch;
    if (behavior === "Removed" && isMatch) continue;
    if (!joins) pieces.push(text);
    else pieces[last] = behavior === "MergedWithNext" ? text + pieces[last] : pieces[last] + text;
  }
  if (behavior === "MergedWithNext") pieces.reverse();
  return pieces.filter((piece) => piece !== "");
}
