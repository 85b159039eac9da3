/** Cuts the text at the first stop string, the rest at the second, and so on. Incomplete stop strings are kept. */
export function cutAtStops(text: string, stops: readonly string[]): string {
  let kept = text;
  for (const stop of stops) if (stop !== "") kept = kept.split(stop, 1)[0];
  return kept;
}
