import { taskKinds } from "../evaluate/task/task-kinds.js";
import type { ReportFacts } from "./facts.js";
import { formatCount } from "./numbers.js";

/** What a reader needs to know to read the numbers. */
export function methodNotes({ model }: ReportFacts): readonly { readonly title: string; readonly text: string }[] {
  return [
    {
      title: "Training in parts",
      text: `The data are cut into parts. Each part trains its own window of the ${formatCount(model.layers)} layers from the same start while the others stay frozen; the parts never talk to each other, and at the end of a round their models are merged into one.`,
    },
    {
      title: "Base and vanilla",
      text: "The base is the start, not trained further. Vanilla is ordinary training of all layers on all data from that start.",
    },
    {
      title: "Preserved improvement",
      text: "(strategy − base) / (vanilla − base), the same for losses and scores: 0% is no better than the base, 100% as good as vanilla, below 0% worse than the base. It is not defined where vanilla does not beat the base by more than two standard errors of their difference. Its own standard error takes the three scores as independent.",
    },
    {
      title: "Duration",
      text: "The slowest part of each round, summed over the rounds, plus the merges: what the training would take with one machine like this one for each part. Evaluation and the cutting of the data are not counted, for vanilla neither.",
    },
    {
      title: "Scores",
      text: [
        ...Object.values(taskKinds).map(({ note }) => note),
        "Standard errors are over items or documents and do not include the chance of another seed.",
      ].join(" "),
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
      text: "runs everything again; recipe.yaml beside this report has every setting written out. What is done already is not done again.",
    },
    { command: "strata report recipe.yaml", text: "writes this report again from the records of the jobs." },
    {
      command: null,
      text: `Weights and scores follow from seed ${seed} and strata ${strataVersion}${commit ? ` (commit ${commit})` : ""}, with any number of threads; durations depend on the machine and what else it does.`,
    },
    {
      command: null,
      text: "The tables folder has every number in full precision as CSV; ledger.json has the facts that this report was made from.",
    },
  ];
}
