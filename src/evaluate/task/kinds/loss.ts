import { bitsTerm, lossTerm, validationLoss, type LossTask } from "../../metric/validation-loss.js";
import type { RatioMetric } from "../../metric/ratio.js";
import type { LossSample } from "../../output/samples.js";
import type { RequestScore } from "../../request/score-requests.js";
import type { MetricFacts, TaskKind } from "../task-kind.js";

const facts = {
  loss: { label: "loss", heading: "loss", unit: "nats per token", restates: null },
  perplexity: { label: "perplexity", heading: "perplexity", unit: null, restates: "loss" },
  bits_per_byte: { label: "bits per byte", heading: "bits per byte", unit: null, restates: "loss" },
} as const satisfies Readonly<Record<string, MetricFacts>>;

const ratios: Readonly<Record<keyof typeof facts, RatioMetric<LossSample>>> = {
  loss: { term: lossTerm, derivative: () => 1 },
  perplexity: { term: lossTerm, derivative: Math.exp },
  bits_per_byte: { term: bitsTerm, derivative: () => 1 },
};

/** The names of its metrics, in order. */
export const lossMetrics = Object.keys(facts) as readonly (keyof typeof facts)[];

export const lossKind: TaskKind<LossTask, LossSample, RequestScore> = {
  progressUnit: "windows",
  note:
    "Loss is the mean over tokens of −ln p (nats); perplexity is its exponential; bits per byte are the same sum in " +
    "bits, over the bytes of the text.",
  describe: (metric) => facts[metric as keyof typeof facts],
  primaryOf: () => "loss",
  ratioOf: (metric) => ratios[metric as keyof typeof facts],
  score: (task, scoring) => validationLoss(scoring.tokenizer, task, { ...scoring, ...scoring.session }),
};
