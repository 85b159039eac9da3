import { buildStrategy } from "../plan/build-strategy.js";
import { findPreset, presetNames } from "../plan/presets/presets.js";
import type { PresetContext, RoundTemplate, StrategyTemplate, Windows } from "../plan/presets/preset.js";
import type { Strategy } from "../plan/strategy.js";
import { parseWindow, resolveWindow, type WrittenWindow } from "../model/config/window.js";
import type { ModelConfig } from "../model/config/model-config.js";
import { StrataError } from "../errors/strata-error.js";
import { defaultMicroBatch } from "../train/micro-batch.js";
import { recipeErrors, type Issue, type Path } from "./errors/issue.js";
import { placeOf } from "./places.js";
import type { Recipe, StrategyRecipe } from "./recipe.js";
import { overrideIssues } from "./checks/shape-checks.js";
import { boundIssues } from "./checks/strategy-checks.js";

/**
 * The strategies for a model, the baselines first.
 *
 * @throws StrataError that lists every window that exceeds the model, or every training that cannot run, by place
 */
export function resolveStrategies(recipe: Recipe, config: ModelConfig): Strategy[] {
  checkBounds(recipe, config.layers);
  const context: PresetContext = {
    layers: config.layers,
    workers: recipe.shards,
    batchSize: recipe.training.batchSize,
    learningRate: recipe.training.learningRate,
    epochs: "epochs" in recipe.training.amount ? recipe.training.amount.epochs : null,
  };
  const strategies = allStrategies(recipe).map((written) => {
    const template = withMicroBatches(templateOf(written, context), recipe);
    return buildStrategy(nameOf(written), template, context, config);
  });
  throwIssues(
    recipe,
    strategies.flatMap((strategy) => trainingIssues(recipe, strategy, config.maxPositions)),
  );
  return strategies;
}

/** The mistakes in the training of a strategy's rounds, each once. */
function trainingIssues(recipe: Recipe, { name, rounds }: Strategy, maxPositions: number): Issue[] {
  const at = pathOfStrategy(recipe, name);
  const issues = rounds
    .filter(({ training }) => Object.keys(training).length > 0)
    .flatMap(({ training }) => overrideIssues(training, { ...recipe.training, ...training }, maxPositions))
    .map((issue) => ({ ...issue, path: [...at, ...issue.path] }));
  return [...new Map(issues.map((issue) => [JSON.stringify(issue), issue])).values()];
}

function throwIssues(recipe: Recipe, issues: readonly Issue[]): void {
  if (issues.length === 0) return;
  throw recipeErrors(
    issues.map(({ path, expected, got, hint }) => ({ where: placeOf(recipe, path), expected, got, hint })),
  );
}

/** The recipe's strategies, the baselines first: as the recipe lists them, else as presets. */
function allStrategies({ strategies, baselines }: Recipe): readonly StrategyRecipe[] {
  const first = baselines.map((name) => strategies.find((strategy) => nameOf(strategy) === name) ?? name);
  return [...first, ...strategies.filter((strategy) => !first.includes(strategy))];
}

export function nameOf(strategy: StrategyRecipe): string {
  if (typeof strategy === "string") return strategy;
  return "preset" in strategy ? (strategy.name ?? strategy.preset) : strategy.name;
}

/** Where a strategy is in the recipe. */
export function pathOfStrategy({ strategies }: Recipe, name: string): Path {
  const index = strategies.findIndex((strategy) => nameOf(strategy) === name);
  return index < 0 ? ["baselines"] : ["strategies", index];
}

function templateOf(written: StrategyRecipe, context: PresetContext): StrategyTemplate {
  if (typeof written === "string") return presetTemplate(written, context);
  const { name: _name, windows, rounds, ...rest } = written;
  const keys = {
    ...rest,
    ...(windows === undefined ? {} : { windows: writtenWindows(windows) }),
    ...(rounds === undefined ? {} : { rounds: typeof rounds === "number" ? rounds : rounds.map(roundTemplate) }),
  };
  if (!("preset" in written)) return { windows: writtenWindows(written.windows), rounds: 1, ...keys };
  const preset = presetTemplate(written.preset, context);
  return {
    ...preset,
    ...keys,
    merge: { ...preset.merge, ...keys.merge },
    training: { ...preset.training, ...keys.training },
  };
}

function roundTemplate({ windows, ...rest }: Exclude<WrittenRounds, number>[number]): RoundTemplate {
  return { ...rest, ...(windows === undefined ? {} : { windows: writtenWindows(windows) }) };
}

type WrittenRounds = NonNullable<Exclude<StrategyRecipe, string>["rounds"]>;

function writtenWindows(windows: readonly string[]): Windows {
  return ({ layers }) => windows.map((text) => resolveWindow(parseWindow(text) as WrittenWindow, layers));
}

function presetTemplate(name: string, context: PresetContext): StrategyTemplate {
  const preset = findPreset(name);
  if (preset !== null) return preset.template(context);
  throw new StrataError("PlanError", {
    where: "strategy",
    expected: `one of ${presetNames.join(", ")}`,
    got: JSON.stringify(name),
    hint: "Choose a preset, or define a strategy with windows.",
  });
}

/**
 * Where a strategy changes `batchSize` or `sequenceLength`, the default of `microBatchSize` follows, unless the
 * strategy has one that divides the batch.
 */
function withMicroBatches(template: StrategyTemplate, { training }: Recipe): StrategyTemplate {
  const complete = (written: StrategyTemplate["training"], outer: StrategyTemplate["training"]) => {
    const all = { ...training, ...outer, ...written };
    if (written === undefined || written.microBatchSize !== undefined) return written;
    if (written.batchSize === undefined && written.sequenceLength === undefined) return written;
    if (outer?.microBatchSize !== undefined && all.batchSize % outer.microBatchSize === 0) return written;
    if (all.batchSize === training.batchSize && all.sequenceLength === training.sequenceLength)
      return { ...written, microBatchSize: training.microBatchSize };
    return { ...written, microBatchSize: defaultMicroBatch(all.batchSize, all.sequenceLength) };
  };
  const { rounds } = template;
  return {
    ...template,
    training: complete(template.training, {}),
    rounds:
      typeof rounds === "number"
        ? rounds
        : rounds.map((round) => ({ ...round, training: complete(round.training, template.training) })),
  };
}

function checkBounds(recipe: Recipe, layers: number): void {
  const issues = recipe.strategies.flatMap((strategy, i) => {
    if (typeof strategy === "string") return [];
    const path = ["strategies", i];
    const { windows = [], rounds = 1 } = strategy;
    const ofRounds = typeof rounds === "number" ? [] : rounds;
    return [
      ...boundIssues(placed(windows, path), layers),
      ...ofRounds.flatMap((round, r) => boundIssues(placed(round.windows ?? [], [...path, "rounds", r]), layers)),
    ];
  });
  throwIssues(recipe, issues);
}

function placed(windows: readonly string[], path: Path): { path: Path; value: WrittenWindow | null }[] {
  return windows.map((text, j) => ({ path: [...path, "windows", j], value: parseWindow(text) }));
}
