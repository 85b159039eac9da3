import type { Outcome } from "./compare.js";

/** One line of the results. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly ours: number | null;
  readonly peer: number | null;
  readonly ratio: number | null;
  /** The fastest mode of each side; null if none works. */
  readonly ourMode: string | null;
  readonly peerMode: string | null;
}

/** @param scale  converts units per second to `unit` */
export function rateFigure(name: string, unit: string, scale: number, { ours, peer }: Outcome): Figure {
  return figureOf(name, unit, ours && ours.rate * scale, peer && peer.rate * scale, { ours, peer });
}

export function figureOf(name: string, unit: string, ours: number | null, peer: number | null, modes: Outcome): Figure {
  return {
    name,
    unit,
    ours,
    peer,
    ratio: ours === null || peer === null ? null : ours / peer,
    ourMode: modes.ours && modes.ours.mode,
    peerMode: modes.peer && modes.peer.mode,
  };
}
