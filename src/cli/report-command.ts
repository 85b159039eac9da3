import { loadRecipe } from "../recipe/load-recipe.js";
import { resultsTable } from "../report/results-table.js";
import { planRun } from "../run/run-plan.js";
import { makeReport } from "../run/run-recipe.js";

export async function reportCommand(path: string, options: { set: string[]; runs: string; json: boolean }): Promise<void> {
  const plan = await planRun(await loadRecipe(path, options.set));
  const { facts, report } = makeReport({ folder: options.runs }, plan);
  if (options.json) process.stdout.write(`${JSON.stringify({ facts, report })}\n`);
  else process.stdout.write(`${resultsTable(facts)}\n\nReport: ${report.html}\n`);
}
