/** What becomes of the matches of a pattern, in the words of Hugging Face `tokenizers`. */
export const behaviours = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"] as const;
export type Behaviour = (typeof behaviours)[number];

/** One way to cut text into pieces that merges do not cross. */
export interface Cut {
  /** Global. */
  readonly pattern: RegExp;
  readonly behaviour: Behaviour;
  /** Whether the gaps between matches are what the behaviour speaks of. */
  readonly invert: boolean;
}

/** The pieces after all cuts, each cutting the pieces of the one before. */
export function cutText(text: string, cuts: readonly Cut[]): string[] {
  if (text === "") return [];
  let pieces = [text];
  for (const cut of cuts)
    pieces = pieces.length === 1 ? cutPiece(pieces[0], cut) : pieces.flatMap((piece) => cutPiece(piece, cut));
  return pieces;
}

function cutPiece(text: string, cut: Cut): string[] {
  const { pattern, behaviour, invert } = cut;
  if (behaviour === "Removed" && invert) return text.match(pattern)?.filter((match) => match !== "") ?? [];
  if (behaviour !== "Isolated") return joinParts(listParts(text, cut), behaviour);
  const matches = text.match(pattern)?.filter((match) => match !== "") ?? [];
  let length = 0;
  for (const match of matches) length += match.length;
  return length === text.length ? matches : joinParts(listParts(text, cut), behaviour);
}

interface Part {
  readonly text: string;
  readonly isMatch: boolean;
}

/** Matches and the gaps between them. */
function listParts(text: string, { pattern, invert }: Cut): Part[] {
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

function joinParts(parts: readonly Part[], behaviour: Behaviour): string[] {
  const pieces: string[] = [];
  let wasMatch = false;
  for (const { text, isMatch } of behaviour === "MergedWithNext" ? parts.toReversed() : parts) {
    const last = pieces.length - 1;
    const joins =
      last >= 0 &&
      (behaviour === "Contiguous" ? isMatch === wasMatch : behaviour.startsWith("Merged") && isMatch && !wasMatch);
    wasMatch = isMatch;
    if (behaviour === "Removed" && isMatch) continue;
    if (!joins) pieces.push(text);
    else pieces[last] = behaviour === "MergedWithNext" ? text + pieces[last] : pieces[last] + text;
  }
  if (behaviour === "MergedWithNext") pieces.reverse();
  return pieces.filter((piece) => piece !== "");
}
