import { taskVectorMethod } from "./front-end/task-vector-method.js";
import { unusedDensity } from "./front-end/parameters.js";

const method = taskVectorMethod({
  name: "task_arithmetic",
  label: "Task Arithmetic",
  concept: "Adds the weighted changes of all inputs to the base.",
  use: "Inputs that learned different things from the same base, or a negative weight to take something away.",
  source: "Ilharco et al. 2022, https://arxiv.org/abs/2212.04089",
  normalize: false,
  rescale: false,
  drop: null,
  elects: false,
});

export const taskArithmetic = {
  ...method,
  inputParameters: { ...method.inputParameters, density: unusedDensity },
};
