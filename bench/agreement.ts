import type { Proof } from "./compare.js";

/** Largest allowed difference, as a share of the largest number; narrow is bf16 or f16. */
const tolerances = { f32: 1e-4, narrow: 1e-2 };

/** Null if all numbers agree within the tolerance of the less precise side; otherwise the first difference. */
export function numbersDiffer(ours: Proof, peer: Proof): string | null {
  const tolerance = [ours, peer].some(({ mode }) => mode.includes("f16")) ? tolerances.narrow : tolerances.f32;
  const scale = Math.max(...peer.numbers.map(Math.abs));
  const at = peer.numbers.findIndex((number, i) => !(Math.abs(number - ours.numbers[i]) <= tolerance * scale));
  if (at < 0 && ours.numbers.length === peer.numbers.length) return null;
  return `number ${at} is ${ours.numbers[at]} in ${ours.mode} and ${peer.numbers[at]} in ${peer.mode}`;
}

/** Null if all numbers are equal; otherwise the first difference. */
export function proofsDiffer(ours: Proof, peer: Proof): string | null {
  const at = peer.numbers.findIndex((number, i) => number !== ours.numbers[i]);
  return at < 0 && ours.numbers.length === peer.numbers.length
    ? null
    : `number ${at} is ${ours.numbers[at]} in Strata and ${peer.numbers[at]} in the peer`;
}

/** Null if three of four ids are equal: with random weights, rounding may swap the two most likely ids. */
export function idsDiffer(ours: Proof, peer: Proof): string | null {
  const same = peer.numbers.filter((id, i) => id === ours.numbers[i]).length;
  return same >= 0.75 * peer.numbers.length ? null : `only ${same} of ${peer.numbers.length} first ids are equal`;
}
