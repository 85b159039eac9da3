import type { RoundAttribution } from "../../src/merge/attribution/round-attribution.js";
import type { PartFacts, ReportFacts, RoundFacts, StrategyFacts } from "../../src/report/facts.js";
import type { Metric, TaskScores } from "../../src/evaluate/output/scores.js";

/** Numbers like those of a small run: ten strategies, four tasks, midpoints, two rounds for the last one. */

const wave = (x: number) => (Math.sin(x * 12.9898) * 43758.5453) % 1;

function metric(value: number, standardError: number | null, higherIsBetter: boolean, count: number): Metric {
  return { value, standardError, higherIsBetter, count };
}

/** `kept` is the share of vanilla's improvement. */
export function scores(kept: number, noise = 0): TaskScores[] {
  const loss = (base: number, vanilla: number, error: number, task: string): TaskScores => {
    const value = base + (vanilla - base) * kept + noise * 0.02;
    const metrics = {
      loss: metric(value, error, false, 64),
      perplexity: metric(Math.exp(value), Math.exp(value) * error, false, 64),
    };
    return { task, kind: "loss", metrics, seconds: 1.5 };
  };
  const share = (base: number, vanilla: number) => base + (vanilla - base) * kept + noise * 0.01;
  return [
    loss(2.8525, 1.799, 0.021, "small-loss"),
    loss(3.4018, 2.1209, 0.012, "large-loss"),
    {
      task: "answers",
      kind: "task",
      seconds: 30,
      metrics: {
        "exact_match,strict-match": metric(share(0.0638, 0.3058), 0.0121, true, 1319),
        "exact_match,flexible-extract": metric(share(0.066, 0.3045), 0.0123, true, 1319),
      },
    },
    {
      task: "choices",
      kind: "task",
      seconds: 12,
      metrics: {
        acc: metric(share(0.37, 0.4), 0.0069, true, 5000),
        acc_norm: metric(share(0.477, 0.521), 0.0071, true, 5000),
      },
    },
  ];
}

function part(
  round: number,
  worker: number,
  window: string,
  tokens: number,
  seconds: number,
  steps: number,
): PartFacts {
  const [first, end] = window.split("-").map(Number);
  const losses = Array.from({ length: steps }, (_, step) => ({
    step: step + 1,
    loss: 1.9 + Math.exp(-step / (steps / 5)) + 0.06 * wave(step + worker * 7),
  }));
  return { round, worker, window, layersTrained: end - first, seconds, tokens, threads: 1, shared: false, losses };
}

/** Of parts that each changed all of two layers. */
function arrivedOf(parts: number): RoundAttribution {
  const total = {
    change: 1.5,
    shares: Array.from({ length: parts }, (_, i) => 0.5 + i / 10),
    cosine: -0.25,
    tensors: 9,
    linearTensors: 3,
  };
  const layers = [0, 1].map((layer) => ({ ...total, label: `layer ${layer}`, kind: "layer" as const, layer }));
  return { layers: layers.map((group) => ({ ...group, stack: "model.layers" })), total };
}

/** What a report needs of rounds, for parts that are trained and merged. */
function exchanged(
  parts: readonly PartFacts[],
): Pick<StrategyFacts, "exchanges" | "bytes" | "rounds" | "partScores" | "changedTraining"> {
  const rounds = [...new Set(parts.map(({ round }) => round))].map((round): RoundFacts => {
    const workers = parts.filter((of) => of.round === round);
    return {
      round,
      workers: workers.length,
      seconds: Math.max(...workers.map(({ seconds }) => seconds)),
      tokens: workers.reduce((sum, { tokens }) => sum + tokens, 0),
      lossBefore: 3 - round / 100,
      lossAfter: 2.5 - round / 100,
      lambda: workers.length > 1 ? 1 : null,
      cosine: workers.length > 1 ? 0.21 : null,
      meanNormRatio: workers.length > 1 ? 0.61 : null,
      arrived: workers.length > 1 ? arrivedOf(workers.length) : null,
    };
  });
  const exchanges = rounds.filter(({ workers }) => workers > 1).length;
  const bytes = { sent: 60_000_000 * exchanges, received: 60_000_000 * Math.max(0, exchanges - 1) };
  return { exchanges, bytes, rounds, partScores: [], changedTraining: {} };
}

export function strategy(
  name: string,
  windows: readonly string[],
  kept: number,
  index: number,
  rounds = 1,
): StrategyFacts {
  const parts = Array.from({ length: rounds }, (_, round) =>
    windows.map((window, worker) => {
      const [first, end] = window.split("-").map(Number);
      return part(
        round,
        worker,
        window,
        250_000 / rounds,
        (54 + (end - first) * 1.4 + worker * 0.3) / rounds,
        375 / rounds,
      );
    }),
  ).flat();
  const seconds =
    Array.from({ length: rounds }, (_, round) =>
      Math.max(...parts.filter((p) => p.round === round).map((p) => p.seconds)),
    ).reduce((a, b) => a + b, 0) + 1.2;
  return {
    name,
    description: `${windows.join(" · ")}, slerp${rounds > 1 ? `, ${rounds} rounds` : ""}`,
    seconds,
    tokens: 1_000_000,
    scores: scores(kept, wave(index)),
    parts,
    mergeSeconds: 1.2,
    ...exchanged(parts),
    curve: [{ fraction: 0.5, seconds: seconds / 2, scores: scores(kept * 0.7, wave(index + 20)) }],
  };
}

const windows: readonly (readonly [string, number])[] = [
  ["0-4 4-8 8-12 12-16", 0.305],
  ["0-8 0-8 8-16 8-16", 0.62],
  ["0-6 4-9 7-13 11-16", 0.45],
  ["0-16 0-16 0-16 0-16", 0.897],
  ["0-4 0-8 8-16 12-16", 0.351],
  ["0-16 4-16 8-16 12-16", 0.537],
  ["0-12 6-12 10-16 4-16", 0.64],
  ["0-4 4-16 4-16 4-16", 0.627],
  ["0-12 12-16 12-16 12-16", -0.05],
];

export function fixture(): ReportFacts {
  const base: StrategyFacts = {
    name: "base",
    description: "the model that strategies start from",
    seconds: null,
    tokens: 0,
    scores: scores(0),
    parts: [],
    mergeSeconds: 0,
    ...exchanged([]),
    curve: [],
  };
  const whole = part(0, 0, "0-16", 1_000_000, 301.5, 1500);
  const vanilla: StrategyFacts = {
    name: "vanilla",
    description: "all layers on all data",
    seconds: 301.5,
    tokens: 1_000_000,
    scores: scores(1),
    parts: [whole],
    mergeSeconds: 0,
    ...exchanged([whole]),
    curve: [0.25, 0.5, 0.75].map((fraction) => ({
      fraction,
      seconds: 301.5 * fraction,
      scores: scores(1 - (1 - fraction) ** 2),
    })),
  };
  const presets = windows.map(([text, kept], index) => strategy(`slerp-${index + 1}`, text.split(" "), kept, index));
  return {
    name: "books-textbooks-gsm8k",
    date: "2025-11-24T10:20:30.000Z",
    commit: "8544d39",
    machine: "AMD EPYC 7763, 16 cores, 64 GiB, Linux x64",
    device: "native (AVX2+FMA)",
    threads: 1,
    seed: 7,
    bos: "auto",
    strataVersion: "0.1.0",
    model: { parameters: 15_191_712, layers: 16, start: "pre-trained here on stories" },
    paper: false,
    strategies: [base, vanilla, ...presets, strategy("rounds-2-union", ["0-16", "0-16", "0-16", "0-16"], 0.93, 9, 2)],
  };
}

/** With one machine alone, better than most of the paper's strategies, and three strategies with more exchanges. */
export function fixtureWithAlone(): ReportFacts {
  const facts = fixture();
  const [base, vanilla, ...others] = facts.strategies;
  const full = ["0-16", "0-16", "0-16", "0-16"];
  const alone = { ...strategy("alone", ["0-16"], 0.8, 12), mergeSeconds: 0, description: "all layers on a quarter" };
  const more = [4, 16, 64].map((rounds, i) => strategy(`muloco-${rounds}`, full, 0.9 + 0.04 * i, 13 + i, rounds));
  return { ...facts, strategies: [base, vanilla, alone, ...others, ...more] };
}
