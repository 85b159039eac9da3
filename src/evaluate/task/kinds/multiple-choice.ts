import { multipleChoice, type MultipleChoiceTask } from "../../metric/multiple-choice.js";
import type { MultipleChoiceSample } from "../../output/samples.js";
import type { RequestScore } from "../../request/score-requests.js";
import { multipleChoiceItem } from "../items.js";
import type { TaskKind } from "../task-kind.js";

const share = { unit: "share of items", higherIsBetter: true, restates: null };

export const multipleChoiceKind: TaskKind<MultipleChoiceTask, "acc" | "acc_norm", MultipleChoiceSample, RequestScore> =
  {
    name: "multiple-choice",
    metrics: {
      acc: { label: "accuracy", heading: "acc", ...share },
      acc_norm: { label: "normalized accuracy", heading: "acc_norm", ...share },
    },
    primary: "acc_norm",
    progressUnit: "items",
    note:
      "Accuracy takes the choice with the highest log-likelihood; normalized accuracy divides that by the length of the choice in " +
      "characters.",
    async load({ name, items }) {
      return {
        name,
        kind: "multiple-choice",
        items: await items(({ record, where }) => multipleChoiceItem(record, where)),
      };
    },
    score: (task, scoring) => multipleChoice(scoring.tokenizer, task, scoring),
  };
