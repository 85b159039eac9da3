import { taskKinds } from "../evaluate/task/task-kinds.js";
import { aloneOf } from "./columns.js";
import type { ReportFacts } from "./facts.js";
import { isPaired } from "./measures/covariances.js";
import { formatCount } from "./numbers.js";

/** Explanations that a reader needs to interpret the numbers. */
export function methodNotes(facts: ReportFacts): readonly { readonly title: string; readonly text: string }[] {
  const { model } = facts;
  const hasAlone = aloneOf(facts) !== null;
  const shares = `preserved improvement${hasAlone ? ", of gap closed" : ""}`;
  return [
    {
      title: "Training in parts",
      text:
        "The training data are divided into shards. Each part trains on one shard: it starts from the same model as " +
        `the others, trains a window of the ${formatCount(model.layers)} layers and keeps the other layers frozen. ` +
        "Parts do not communicate. At the end of a round their models are merged into one.",
    },
    {
      title: hasAlone ? "Base, vanilla and alone" : "Base and vanilla",
      text:
        "The base is the model that all strategies start from. Vanilla is ordinary training: all layers on all data, " +
        "starting from the base." +
        (hasAlone
          ? " Alone is what one of the machines reaches by itself: all layers on its share of the data, with its " +
            "learning-rate schedule finished and nothing merged."
          : ""),
    },
    {
      title: "Preserved improvement",
      text:
        "(strategy − base) / (vanilla − base), for losses and scores alike: 100% is as good as vanilla, 0% no better " +
        "than the base, below 0% worse than the base. It is not defined unless vanilla beats the base by more than " +
        "two standard errors of their difference.",
    },
    ...(hasAlone
      ? [
          {
            title: "Gap closed",
            text:
              "(strategy − alone) / (vanilla − alone), for losses and scores alike: 100% is as good as vanilla, 0% " +
              "no better than one machine alone, below 0% the merge did harm. It is not defined unless vanilla beats " +
              "alone by more than two standard errors of their difference; preserved improvement flatters, " +
              "because the first part of any training brings most of its improvement.",
          },
        ]
      : []),
    {
      title: "Duration",
      text:
        "The slowest part of each round, summed over the rounds, plus the merges and their searches of λ: the time " +
        "that training would take if each part had a machine like this one. Tokenizing the data and evaluation are " +
        "not counted, for vanilla neither.",
    },
    {
      title: "Exchanges and traffic",
      text:
        "An exchange is a merge of two parts or more. After each round a worker sends what it trained; before each " +
        "following round it receives what any worker trained. The initial model is not counted.",
    },
    {
      title: "Scores",
      text: [
        ...Object.values(taskKinds).map(({ note }) => note),
        "Standard errors are over items or documents; they do not include the variation between seeds.",
      ].join(" "),
    },
    {
      title: "Errors of shares and differences",
      text: isPaired(facts)
        ? "All models are scored on the same items, and what makes an item hard for one model makes it hard for the " +
          `others. So the standard errors of ${shares} and of the differences that the verdict judges are paired ` +
          "over the items: they use the covariances of the scores, and are smaller than the errors of the scores " +
          "suggest."
        : `The standard errors of ${shares} and of the differences that the verdict judges assume that the scores ` +
          "are independent, because this report has no results of single items.",
    },
  ];
}

export function reproduction({
  seed,
  strataVersion,
  commit,
}: ReportFacts): readonly { readonly command: string | null; readonly text: string }[] {
  return [
    {
      command: "strata run recipe.yaml",
      text:
        "repeats the run with the recipe.yaml next to this report, which contains every setting. Finished jobs are " +
        "not repeated.",
    },
    { command: "strata report recipe.yaml", text: "writes this report again from the recorded results." },
    {
      command: null,
      text:
        `Seed ${seed} and strata ${strataVersion}${commit ? ` (commit ${commit})` : ""} give the same weights and ` +
        "scores for any number of threads; durations depend on the machine and its load.",
    },
    {
      command: null,
      text: "tables/*.csv contain all numbers in full precision; ledger.json contains the data of this report.",
    },
  ];
}
