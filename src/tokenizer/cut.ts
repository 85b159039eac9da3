/** One way to cut text into pieces that merges do not cross. */
export interface Cut {
  /** Global. */
  readonly pattern: RegExp;
  /** Whether text between matches makes pieces too, or is dropped. */
  readonly keepsGaps: boolean;
}

/** The pieces after all cuts, each cutting the pieces of the one before. */
export function cutText(text: string, cuts: readonly Cut[]): string[] {
  if (text === "") return [];
  let pieces = [text];
  for (const cut of cuts) pieces = pieces.length === 1 ? cutPiece(pieces[0], cut) : pieces.flatMap((piece) => cutPiece(piece, cut));
  return pieces;
}

function cutPiece(text: string, { pattern, keepsGaps }: Cut): string[] {
  const matches = text.match(pattern)?.filter((match) => match !== "") ?? [];
  if (!keepsGaps) return matches;
  let length = 0;
  for (const match of matches) length += match.length;
  return length === text.length ? matches : withGaps(text, pattern);
}

function withGaps(text: string, pattern: RegExp): string[] {
  const pieces: string[] = [];
  let end = 0;
  for (const { 0: match, index } of text.matchAll(pattern)) {
    if (index > end) pieces.push(text.slice(end, index));
    if (match !== "") pieces.push(match);
    end = index + match.length;
  }
  if (end < text.length) pieces.push(text.slice(end));
  return pieces;
}
