import { dropAtRandom } from "./front-end/random-drops.js";
import { taskVectorMethod } from "./front-end/task-vector-method.js";

export const dareLinear = taskVectorMethod({
  name: "dare_linear",
  label: "Linear DARE",
  concept: "Drops random elements of each change, rescales the rest and adds the weighted changes.",
  use: "Many inputs whose changes are small and redundant.",
  source: "Yu et al. 2023, https://arxiv.org/abs/2311.03099",
  normalize: false,
  rescale: true,
  drop: dropAtRandom,
  elects: false,
});
