import { formatRecipe } from "../recipe/format-recipe.js";
import type { Recipe, SearchRecipe } from "../recipe/recipe.js";
import { formatShare, formatValue } from "../report/numbers.js";
import { plural } from "../text/plural.js";
import { version } from "../version.js";
import type { Candidate } from "./leaderboard.js";
import { budgetOf, rungsOf, type Objective } from "./settings.js";
import { valuesText } from "./space.js";

/** What a search has found, and how. */
export interface Evidence {
  /** The whole recipe with the best values. */
  readonly recipe: Recipe;
  readonly search: SearchRecipe;
  readonly objective: Objective;
  /** The candidates of each phase, best first. */
  readonly phases: readonly (readonly Candidate[])[];
  /** ISO 8601. */
  readonly date: string;
}

/** So many of the best candidates are named. */
const named = 5;

/** The best recipe, with a comment that says what it was compared with. */
export function winnerText({ recipe, search, objective, phases, date }: Evidence): string {
  const { search: _search, ...others } = recipe;
  const name = `${recipe.name}-winner`;
  const { label, higherIsBetter } = objective;
  const limit = search.maxShareOfVanilla;
  const best = phases.at(-1)?.[0];
  const commit = best?.commit ?? null;
  const lines = [
    `The best recipe that \`strata search\` found for ${recipe.name}.`,
    "",
    `Method: ${methodText(search)}`,
    `Objective: ${label}, ${higherIsBetter ? "higher" : "lower"} is better` +
      (limit === null ? "" : `; strategies within ${formatShare(limit)} of vanilla's duration`),
    ...phases.flatMap((candidates) => phaseLines(candidates, search)),
    `Machine: ${best?.machine ?? "unknown"}`,
    `Strata ${version}${commit === null ? "" : `, commit ${commit}`}, ${date.slice(0, 10)}`,
    "",
  ];
  const comment = lines.map((line) => `# ${line}`.trimEnd()).join("\n");
  return `${comment}\n${formatRecipe({ ...others, name })}`;
}

export function methodText(search: SearchRecipe): string {
  const { method, seed, eta } = search;
  if (method === "grid") return "grid";
  return method === "random" ? `random, seed ${seed}` : `halving with eta ${eta}, seed ${seed}`;
}

function phaseLines(candidates: readonly Candidate[], search: SearchRecipe): string[] {
  const [{ phase }] = candidates;
  const what = phase === "vanilla" ? "Vanilla, tuned first" : "Strategies";
  const shown = candidates.slice(0, named).map((candidate, i) => `  ${i + 1}. ${candidateText(candidate)}`);
  return [`${what}: ${plural(candidates.length, "candidate")}${rungsText(phase, search)}`, ...shown];
}

/** `; 9 at 11.1% of the training, 3 at 33.3%, 1 at 100.0%` for halving. */
export function rungsText(phase: Candidate["phase"], search: SearchRecipe): string {
  const space = phase === "vanilla" ? search.baseline : search.values;
  if (search.method !== "halving" || space === undefined) return "";
  const rungs = rungsOf(search, budgetOf(search, space)).map(
    ({ share, candidates }, i) =>
      `${Number.isFinite(candidates) ? candidates : "as many as fit"} at ${formatShare(share)}` +
      (i === 0 ? " of the training" : ""),
  );
  return `; ${rungs.join(", ")}`;
}

/** `training.learningRate 0.002: vanilla 3.9553 ±0.0286` */
function candidateText({ values, result, share, failure }: Candidate): string {
  if (result === null) return `${valuesText(values)}: ${failure === null ? "too slow" : "failed"}`;
  const { strategy, value, error, gapClosed, shareOfVanilla, exchanges } = result;
  const facts = [
    `${strategy} ${formatValue(value)}${error === null ? "" : ` ±${formatValue(error)}`}`,
    ...(gapClosed === null ? [] : [`gap closed ${formatShare(gapClosed)}`]),
    ...(strategy === "vanilla" || shareOfVanilla === null
      ? []
      : [`${formatShare(shareOfVanilla)} of vanilla's duration`, plural(exchanges, "exchange")]),
    ...(share === 1 ? [] : [`with ${formatShare(share)} of the training`]),
  ];
  return `${valuesText(values)}: ${facts.join(", ")}`;
}
