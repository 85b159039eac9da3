import { dropByRank } from "./front-end/random-drops.js";
import { taskVectorMethod } from "./front-end/task-vector-method.js";

export const della = taskVectorMethod({
  name: "della",
  label: "DELLA",
  concept:
    "Drops random elements of each change, those of small magnitude in their row with a higher probability, " +
    "rescales the rest " +
    "and adds the mean of those of the elected sign.",
  use: "As dare_ties, where large changes matter more than small ones.",
  source: "Deep et al. 2024, https://arxiv.org/abs/2406.11617",
  normalize: true,
  rescale: true,
  drop: dropByRank,
  elects: true,
});
