import { lossTerm, validationLoss, type LossTask } from "../../metric/validation-loss.js";
import type { LossSample } from "../../output/samples.js";
import { encodeChatForLoss, encodePartsForLoss } from "../../request/encode-loss.js";
import type { RequestScore } from "../../request/score-requests.js";
import type { RecipeKeys } from "../recipe-keys.js";
import type { TaskKind } from "../task-kind.js";

const recipeKeys = {
  documents: { type: "limit", description: "Use the first documents only; `null`: all." },
} as const satisfies RecipeKeys;

export const lossKind: TaskKind<LossTask, "loss" | "perplexity", LossSample, RequestScore, typeof recipeKeys> = {
  name: "loss",
  description: "Mean loss per token and perplexity.",
  recipeKeys,
  synthetic: null,
  metrics: {
    loss: { label: "loss", heading: "loss", unit: "nats per token", higherIsBetter: false, restates: null },
    perplexity: { label: "perplexity", heading: "perplexity", unit: null, higherIsBetter: false, restates: "loss" },
  },
  ratios: {
    loss: { term: lossTerm, derivative: () => 1 },
    perplexity: { term: lossTerm, derivative: Math.exp },
  },
  primary: "loss",
  progressUnit: "windows",
  note: "Loss is the mean over tokens of −ln p (nats); perplexity is its exponential.",
  rendersChat: true,
  itemOf: { data: (document) => document },
  async load({ name, lossOn, tokenizer, openChat, items }) {
    const documents = await items((document) => document);
    if (openChat === null) {
      return {
        name,
        kind: "loss",
        documents: documents.map(({ parts }) => encodePartsForLoss(tokenizer, parts, lossOn)),
      };
    }
    const render = openChat();
    const encoded = documents.map(({ messages }) => encodeChatForLoss(tokenizer, render, messages ?? [], lossOn));
    return { name, kind: "loss", documents: encoded };
  },
  score: (task, scoring) => validationLoss(scoring.tokenizer, task, scoring),
};
