import type { Document } from "../../../corpus/documents/documents.js";
import { choiceRequest, multipleChoice, type MultipleChoiceTask } from "../../metric/multiple-choice.js";
import { meanOf } from "../../metric/ratio.js";
import { atRecord } from "../../../errors/strata-error.js";
import type { MultipleChoiceSample } from "../../output/samples.js";
import type { RequestScore } from "../../request/score-requests.js";
import type { MultipleChoiceItem } from "../item.js";
import { multipleChoiceItem } from "../items.js";
import type { RecipeKeys } from "../recipe-keys.js";
import type { TaskKind } from "../task-kind.js";

const share = { unit: "share of items", higherIsBetter: true, restates: null };

const itemOf = ({ record, where }: Document) => multipleChoiceItem(record, where);

const recipeKeys = {
  items: { type: "limit", description: "Use the first items only; `null`: all." },
} as const satisfies RecipeKeys;

export const multipleChoiceKind: TaskKind<
  MultipleChoiceTask,
  "acc" | "acc_norm",
  MultipleChoiceSample,
  RequestScore,
  typeof recipeKeys
> = {
  name: "multiple-choice",
  description: "Share of items where the correct choice has the highest likelihood.",
  recipeKeys,
  synthetic: "choices",
  metrics: {
    acc: { label: "accuracy", heading: "acc", ...share },
    acc_norm: { label: "normalized accuracy", heading: "acc_norm", ...share },
  },
  ratios: { acc: meanOf("acc"), acc_norm: meanOf("acc_norm") },
  primary: "acc_norm",
  progressUnit: "items",
  note:
    "Accuracy takes the choice with the highest log-likelihood; normalized accuracy divides that by the length of " +
    "the choice in characters.",
  rendersChat: false,
  itemOf: { data: itemOf },
  checkFirst({ name, items, places, tokenizer, prefix, maxPositions }) {
    if (tokenizer === null) return [];
    const options = { prefix, maxPositions };
    for (const [i, item] of (items as readonly MultipleChoiceItem[]).entries())
      for (const choice of item.choices)
        atRecord(places[i], () => choiceRequest(tokenizer, item, choice, options, `task ${name}`));
    return [];
  },
  async load({ name, items }) {
    return { name, kind: "multiple-choice", items: await items(itemOf) };
  },
  score: (task, scoring) => multipleChoice(scoring.tokenizer, task, scoring),
};
