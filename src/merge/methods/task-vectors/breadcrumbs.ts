import { dropOutliersAndSmallest } from "./front-end/magnitude-drops.js";
import { taskVectorMethod } from "./front-end/task-vector-method.js";

export const breadcrumbs = taskVectorMethod({
  name: "breadcrumbs",
  label: "Model Breadcrumbs",
  concept: "Drops each change's largest elements as outliers and its smallest as noise, and adds the weighted rest.",
  use: "Many inputs, with one setting for all.",
  source: "Davari and Belilovsky 2023, https://arxiv.org/abs/2312.06795",
  normalize: false,
  rescale: false,
  drop: dropOutliersAndSmallest,
  elects: false,
});
