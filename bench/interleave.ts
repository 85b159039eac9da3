import { median } from "./median.js";
import type { Session } from "./session.js";

/**
 * Measures sessions alternately, so that only one works at any time and all see the same changes of the machine.
 *
 * @param onRound  called after each round with its rates
 * @returns the median rate of each session, in units per second
 */
export async function interleave(
  sessions: readonly Session[],
  rounds: number,
  leastSeconds: number,
  onRound: (round: number, rates: readonly number[]) => void,
): Promise<number[]> {
  const rates: number[][] = sessions.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, session] of sessions.entries()) rates[i].push(await measureRate(session, leastSeconds));
    onRound(
      round,
      rates.map((own) => own[round]),
    );
  }
  return rates.map(median);
}

export async function measureRate(session: Session, leastSeconds: number): Promise<number> {
  const { units, seconds } = await session.measure(leastSeconds);
  return units / seconds;
}
