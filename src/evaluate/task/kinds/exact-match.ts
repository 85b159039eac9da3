import type { Document } from "../../../corpus/documents/documents.js";
import { exactMatch, type ExactMatchTask } from "../../metric/exact-match.js";
import { meanOf } from "../../metric/ratio.js";
import type { ExactMatchSample } from "../../output/samples.js";
import { fewShotPrefixes, fewShotPrompt } from "../few-shot.js";
import { checkFirstAnswers } from "../first-answers.js";
import { exactMatchItem } from "../items.js";
import type { RecipeKeys } from "../recipe-keys.js";
import type { TaskKind } from "../task-kind.js";

const share = { unit: "share of items", higherIsBetter: true, restates: null };
const itemOf = ({ record, where }: Document) => exactMatchItem(record, where);

const recipeKeys = {
  items: { type: "limit", description: "Use the first items only; `null`: all." },
  fewShot: { type: "whole", description: "Number of solved examples before each item.", minimum: 0, default: 0 },
  fewShotData: { type: "dataset", description: "Data set of the solved examples.", requiredBy: "fewShot" },
  maxTokens: {
    type: "whole",
    description: "Maximum length of an answer, in tokens; a model with fewer positions uses half of them.",
    minimum: 1,
    default: 256,
  },
} as const satisfies RecipeKeys;

/** The journal's record of a request is the generated tokens of an item. */
export const exactMatchKind: TaskKind<
  ExactMatchTask,
  "exact_match,strict-match" | "exact_match,flexible-extract",
  ExactMatchSample,
  readonly number[],
  typeof recipeKeys
> = {
  name: "exact-match",
  description: "Share of items whose generated answer is correct.",
  recipeKeys,
  synthetic: "problems",
  metrics: {
    "exact_match,strict-match": { label: "exact match, strict", heading: "strict", ...share },
    "exact_match,flexible-extract": { label: "exact match, flexible", heading: "flexible", ...share },
  },
  ratios: {
    "exact_match,strict-match": meanOf("exact_match,strict-match"),
    "exact_match,flexible-extract": meanOf("exact_match,flexible-extract"),
  },
  primary: "exact_match,strict-match",
  progressUnit: "items",
  note:
    "Exact match compares the number in the generated answer with the reference: strict accepts only a number after " +
    "`####`, flexible takes the last number of the answer.",
  rendersChat: false,
  itemOf: { data: itemOf, fewShotData: itemOf },
  checkFirst: checkFirstAnswers,
  async load({ name, values, items, itemsOf }) {
    const questions = await items(itemOf);
    const prefixes = fewShotPrefixes(await itemsOf("fewShotData", itemOf), values.fewShot, questions.length);
    return {
      name,
      kind: "exact-match",
      maxTokens: values.maxTokens,
      items: questions.map(({ prompt, answer }, i) => ({ prompt: fewShotPrompt(prefixes[i], prompt), answer })),
    };
  },
  score: (task, scoring) => exactMatch(scoring.generator, scoring.tokenizer, task, scoring),
};
