import { dropSmallest } from "./front-end/magnitude-drops.js";
import { taskVectorMethod } from "./front-end/task-vector-method.js";

export const ties = taskVectorMethod({
  name: "ties",
  label: "TIES",
  concept:
    "Keeps each change's largest elements, elects the sign of each element by the sum of the weighted changes, " +
    "and adds the " +
    "mean of those that agree with it.",
  use: "Several inputs whose changes partly contradict each other; frozen parts neither vote nor dilute.",
  source: "Yadav et al. 2023, https://arxiv.org/abs/2306.01708",
  normalize: true,
  rescale: false,
  drop: dropSmallest,
  elects: true,
});
