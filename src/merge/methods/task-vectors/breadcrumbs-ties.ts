import { dropOutliersAndSmallest } from "./front-end/magnitude-drops.js";
import { taskVectorMethod } from "./front-end/task-vector-method.js";

export const breadcrumbsTies = taskVectorMethod({
  name: "breadcrumbs_ties",
  label: "Model Breadcrumbs with TIES",
  concept:
    "Drops each change's largest elements as outliers and its smallest as noise, and adds the rest of the elected " +
    "sign.",
  use: "As breadcrumbs, where changes partly contradict each other.",
  source:
    "Davari and Belilovsky 2023, https://arxiv.org/abs/2312.06795; sign election of https://arxiv.org/abs/2306.01708",
  normalize: false,
  rescale: false,
  drop: dropOutliersAndSmallest,
  elects: true,
});
