import { hellaswagFunctions } from "./hellaswag.js";
import type { TaskFunction } from "./task-function.js";
import { wikitextFunctions } from "./wikitext.js";
import { winograndeFunctions } from "./winogrande.js";

/** The functions that task files can name: `!function hellaswag.process_docs`. */
export const taskFunctions: Readonly<Record<string, TaskFunction>> = {
  ...hellaswagFunctions,
  ...wikitextFunctions,
  ...winograndeFunctions,
};
