import type { Document } from "../../../corpus/documents/documents.js";
import { exactMatch, type ExactMatchTask } from "../../metric/exact-match.js";
import type { ExactMatchSample } from "../../output/samples.js";
import { fewShotPrefixes, fewShotPrompt } from "../few-shot.js";
import { exactMatchItem } from "../items.js";
import type { TaskKind } from "../task-kind.js";

const share = { unit: "share of items", higherIsBetter: true, restates: null };
const itemOf = ({ record, where }: Document) => exactMatchItem(record, where);

/** `Request`: the new tokens of an item. */
export const exactMatchKind: TaskKind<
  ExactMatchTask,
  "exact_match,strict-match" | "exact_match,flexible-extract",
  ExactMatchSample,
  readonly number[]
> = {
  name: "exact-match",
  metrics: {
    "exact_match,strict-match": { label: "exact match, strict", heading: "strict", ...share },
    "exact_match,flexible-extract": { label: "exact match, flexible", heading: "flexible", ...share },
  },
  primary: "exact_match,strict-match",
  progressUnit: "items",
  note:
    "Exact match compares the number that the model wrote with the right one: strict takes it only from the form asked for, " +
    "flexible takes the last number anywhere.",
  async load({ name, fewShot, maxTokens, items, examples }) {
    const asked = await items(itemOf);
    const prefixes = fewShotPrefixes(await examples(itemOf), fewShot, asked.length);
    return {
      name,
      kind: "exact-match",
      maxTokens,
      items: asked.map(({ prompt, answer }, i) => ({ prompt: fewShotPrompt(prefixes[i], prompt), answer })),
    };
  },
  score: (task, scoring) => exactMatch(scoring.generator, scoring.tokenizer, task, scoring),
};
