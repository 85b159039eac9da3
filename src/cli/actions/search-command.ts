import { loadRecipe } from "../../recipe/load-recipe.js";
import type { RecipeSource } from "../../search/recipe-source.js";
import { searchRecipe, type SearchResult } from "../../search/search-recipe.js";
import { exitCodes } from "../exit-codes.js";
import { leaderboardText } from "../view/leaderboard-text.js";
import { showSearch } from "../view/search-view.js";
import { jobRunner, preparePool } from "./run/job-runner.js";
import { locateRun, type RunArguments } from "./run/locate-run.js";

export interface SearchCommandOptions extends RunArguments {
  readonly method?: string;
  readonly candidates?: number;
  readonly minutes?: number;
  readonly json: boolean;
  readonly quiet: boolean;
}

export async function searchCommand(path: string, options: SearchCommandOptions): Promise<void> {
  const set = [...options.set, ...searchOverrides(options)];
  const { recipe, store, file } = await locateRun(path, { ...options, set });
  const source: RecipeSource = { file, load: (overrides) => loadRecipe(file, [...set, ...overrides]) };
  const pool = await preparePool(recipe);
  const view = options.quiet || options.json ? null : showSearch(process.stderr);
  const searchOptions = { ...jobRunner(store, pool, view), ...view?.events };
  const result = await searchRecipe(source, searchOptions).finally(() => view?.stop());
  printResult(result, options);
}

/** The options as values of the recipe, which checks them. */
function searchOverrides({ method, candidates, minutes }: SearchCommandOptions): string[] {
  return [
    ...(method === undefined ? [] : [`search.method=${method}`]),
    ...(candidates === undefined ? [] : [`search.budget={runs: ${candidates}}`]),
    ...(minutes === undefined ? [] : [`search.budget={minutes: ${minutes}}`]),
  ];
}

function printResult(result: SearchResult, { json, quiet }: SearchCommandOptions): void {
  const { outcome, failures, winner, leaderboard } = result;
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else if (!quiet && result.candidates.length > 0) process.stdout.write(`\n${leaderboardText(result)}\n`);
  const out = process.stderr;
  if (outcome === "interrupted") {
    out.write("Interrupted. Run the same command again to continue the search.\n");
    process.exitCode = exitCodes.interrupted;
  }
  if (outcome === "failed") {
    out.write(`No candidate has a result:\n${failures.join("\n")}\n`);
    process.exitCode = exitCodes.failed;
  }
  if (winner !== null && !json && !quiet)
    process.stdout.write(`\nLeaderboard: ${leaderboard}\nBest recipe: ${winner}\n`);
}
