import { dropAtRandom } from "./front-end/random-drops.js";
import { taskVectorMethod } from "./front-end/task-vector-method.js";

export const dareTies = taskVectorMethod({
  name: "dare_ties",
  label: "DARE TIES",
  concept: "Drops random elements of each change, rescales the rest and adds those of the elected sign.",
  use: "Many inputs with small, redundant changes that partly contradict each other.",
  source: "Yu et al. 2023, https://arxiv.org/abs/2311.03099; sign election of https://arxiv.org/abs/2306.01708",
  normalize: false,
  rescale: true,
  drop: dropAtRandom,
  elects: true,
});
