/**
 * The candidate that `name` most likely misspells: the one with the fewest edits, or one that `name` (of at least three
 * characters) abbreviates. Case is ignored.
 *
 * @param maxEdits  at least 2 edits are always allowed
 * @returns null if no candidate is that close
 */
export function nearestName(
  name: string,
  candidates: readonly string[],
  maxEdits = Math.floor(name.length / 3),
): string | null {
  let best: string | null = null;
  let fewest = Math.max(2, maxEdits) + 1;
  const lower = name.toLowerCase();
  for (const candidate of candidates.filter((other) => other !== name)) {
    const isAbbreviated = name.length >= 3 && candidate.toLowerCase().startsWith(lower);
    const edits = isAbbreviated ? 1 : editCount(lower, candidate.toLowerCase());
    if (edits < fewest && edits < candidate.length) [best, fewest] = [candidate, edits];
  }
  return best;
}

/** `Did you mean "…"?` with the nearest candidate, up to half of the characters edited; null if none is that close. */
export function suggestName(name: string, candidates: readonly string[]): string | null {
  const nearest = nearestName(name, candidates, Math.ceil(name.length / 2));
  return nearest === null ? null : `Did you mean "${nearest}"?`;
}

/** Damerau-Levenshtein distance: insertions, deletions, replacements and swaps of adjacent characters. */
function editCount(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = rows[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(Math.min(replaced, rows[i - 1][j] + 1, row[j - 1] + 1, isSwap ? rows[i - 2][j - 2] + 1 : Infinity));
    }
    rows.push(row);
  }
  return rows[a.length][b.length];
}
