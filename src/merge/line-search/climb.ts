/** A λ with its loss. */
export interface Candidate {
  readonly lambda: number;
  readonly loss: number;
  readonly standardError: number | null;
}

/** 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8 … up to `maximum`, at least 1. */
export function lambdaGrid(maximum: number): readonly number[] {
  const grid = [0.25, 0.5, 0.75, 1];
  for (let octave = 1; octave < maximum; octave *= 2) grid.push(1.25 * octave, 1.5 * octave, 2 * octave);
  return grid.filter((lambda) => lambda <= Math.max(1, maximum));
}

/**
 * Climbs on the grid from a starting point, upwards while the loss falls; if the first step up does not lower it,
 * downwards. A loss that is not a number is the largest. Each λ is measured at most once.
 *
 * @param measure  the loss at a λ
 * @param start    measured already; its λ is on the grid
 * @returns the best candidate: of equal ones, the nearest to the start
 */
export async function climb(
  grid: readonly number[],
  start: Candidate,
  measure: (lambda: number) => Promise<Candidate>,
): Promise<Candidate> {
  const first = grid.indexOf(start.lambda);
  let best = start;
  for (const direction of [1, -1]) {
    for (let at = first + direction; at >= 0 && at < grid.length; at += direction) {
      const next = await measure(grid[at]);
      if (!isLower(next, best)) break;
      best = next;
    }
    if (best !== start) break;
  }
  return best;
}

function isLower(a: Candidate, b: Candidate): boolean {
  return a.loss < b.loss || (Number.isNaN(b.loss) && !Number.isNaN(a.loss));
}
