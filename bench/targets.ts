/** What a figure must reach: a bound on the ratio, or on Strata's own number. */
export interface Target {
  readonly of: "ratio" | "ours";
  readonly low?: number;
  readonly high?: number;
}

/** By the prefix of a figure's name; the first match applies. */
const targets: readonly (readonly [name: string, target: Target])[] = [
  ["matmul-2048", { of: "ratio", low: 0.9 }],
  ["step-S", { of: "ratio", low: 1.5 }],
  ["step-M", { of: "ratio", low: 1.3 }],
  ["step-B", { of: "ratio", low: 1.1 }],
  ["memory-M", { of: "ratio", high: 0.6 }],
  ["memory-B", { of: "ours", high: 8 }],
  ["efficiency-M", { of: "ours", low: 0.65 }],
  ["rounds-M", { of: "ours", high: 0.05 }],
  ["windows-M", { of: "ratio", low: 0.9, high: 1.1 }],
  ["score-M", { of: "ratio", low: 1.5 }],
  ["generate-M", { of: "ratio", low: 1.5 }],
  ["tokenizer-1", { of: "ratio", low: 3 }],
  ["tokenizer-all", { of: "ratio", low: 3 }],
  ["tokenizer-train", { of: "ratio", low: 1 }],
  ["merge-cp-linear", { of: "ratio", low: 0.7 }],
  ["merge-cp-slerp", { of: "ratio", low: 0.7 }],
  ["merge-rate", { of: "ratio", low: 3 }],
  ["merge-memory", { of: "ratio", high: 0.1 }],
  ["parts-4", { of: "ratio", high: 2.2 }],
];

export function targetOf(name: string): Target | null {
  return targets.find(([start]) => name.startsWith(start))?.[1] ?? null;
}

export function formatTarget({ of, low, high }: Target): string {
  const subject = of === "ours" ? "ours " : "";
  if (low !== undefined && high !== undefined) return `${subject}${low}–${high}`;
  return low === undefined ? `${subject}≤ ${high}` : `${subject}≥ ${low}`;
}

/** Null if there is no value to compare. */
export function isReached(target: Target, ours: number | null, ratio: number | null): boolean | null {
  const value = target.of === "ours" ? ours : ratio;
  return value === null ? null : value >= (target.low ?? -Infinity) && value <= (target.high ?? Infinity);
}
