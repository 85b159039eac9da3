import { expect, test } from "vitest";
import { baselineNames, presetNames } from "../../src/plan/presets/presets.js";
import type { Strategy } from "../../src/plan/strategy.js";
import { parseRecipe } from "../../src/recipe/load-recipe.js";
import { formatWrittenWindow } from "../../src/model/config/window.js";
import { resolveStrategies } from "../../src/recipe/resolve-strategies.js";
import { builtPreset } from "../plan/built.js";
import { llama1b } from "../plan/llama-1b.js";
import { smallRecipe } from "./small-recipe.js";

const config = { ...llama1b, layers: 8 };
const resolve = (...set: string[]) => resolveStrategies(parseRecipe(smallRecipe, "small.yaml", set), config);
const named = (strategies: readonly Strategy[], name: string) =>
  strategies.find((strategy) => strategy.name === name) as Strategy;

test("strategies of a recipe become whole once the model is known, the baselines first", () => {
  const [vanilla, alone, preset, mine] = resolve();
  expect([vanilla, alone, preset]).toEqual(["vanilla", "alone", "slerp-4"].map((name) => builtPreset(name, 8)));
  expect(mine).toEqual({
    name: "mine",
    rounds: [
      {
        windows: [
          { first: 0, end: 8, embeddings: true },
          { first: 0, end: 4, embeddings: false },
          { first: 4, end: 8, embeddings: false },
          { first: 6, end: 8, embeddings: true },
        ],
        reads: "own",
        from: 0,
        to: 1,
        merge: {
          method: "union",
          trainedShare: 0.8,
          density: 1,
          lambda: 1,
          outerOptimizer: { method: "nesterov", learningRate: 0.7, momentum: 0.5 },
        },
        training: {},
      },
    ],
    keepOptimizerState: true,
    amount: 1,
    dataShares: [0.25, 0.25, 0.25, 0.25],
    exchange: "f32",
  });
});

test("every preset of the plan can be in a recipe", () => {
  const strategies = resolve(`strategies=[${presetNames.join(", ")}]`, "training.batchSize=8", "shards=4");
  for (const strategy of strategies) {
    const { name } = strategy;
    const withoutMicroBatch = JSON.parse(
      JSON.stringify(strategy, (key: string, value: unknown) => (key === "microBatchSize" ? undefined : value)),
    ) as unknown;
    expect(withoutMicroBatch).toEqual(JSON.parse(JSON.stringify(builtPreset(name, 8))));
  }
});

test("baselines are added unless the recipe lists others of their names, or fewer baselines", () => {
  const names = (...set: string[]) => resolve(...set).map(({ name }) => name);
  expect(names("strategies=[slerp-4]")).toEqual([...baselineNames, "slerp-4"]);
  expect(names("strategies=[slerp-4]", "baselines=[vanilla]")).toEqual(["vanilla", "slerp-4"]);
  expect(names("strategies=[slerp-4]", "baselines=[]")).toEqual(["slerp-4"]);
  const changed = resolve("strategies=[slerp-4, {preset: alone, training: {learningRate: 0.5}}]");
  expect(changed.map(({ name }) => name)).toEqual(["vanilla", "alone", "slerp-4"]);
  expect(named(changed, "alone").rounds[0].training).toEqual({ learningRate: 0.5 });
});

test("with more than one epoch, alone takes fresh data instead of repeating its shard", () => {
  const alone = (...set: string[]) => named(resolve(...set), "alone");
  const once = alone("training.amount={epochs: 1}");
  const thrice = alone("training.amount={epochs: 3}");
  expect([once.rounds[0].reads, once.amount]).toEqual(["own", 1]);
  expect([thrice.rounds[0].reads, thrice.amount]).toEqual(["all", 0.25]);
});

test("a preset with changes equals its written-out form", () => {
  const full = "windows: [full, full, full, full]";
  const [, , preset, written] = resolve(
    `strategies=[{preset: diloco, name: a, rounds: 2, training: {batchSize: 3}}, {name: b, ${full}, rounds: 2, ` +
      "training: {batchSize: 3}, merge: {method: union, outerOptimizer: {learningRate: 0.7, momentum: 0.7}}}]",
  );
  expect({ ...preset, name: "" }).toEqual({ ...written, name: "" });
  const rounds = "rounds: [{repeat: 1}, {windows: [full]}]";
  const [, , mixed] = resolve(`strategies=[{name: c, ${full}, ${rounds}}]`);
  expect(mixed.rounds.map(({ windows, reads }) => [windows.length, reads])).toEqual([
    [4, "own"],
    [1, "all"],
  ]);
});

/** A strategy with every value written out, as a recipe has it. */
function writtenOut({ rounds, keepOptimizerState, amount, dataShares, exchange }: Strategy): string {
  const merge = ({ lambda, ...rest }: Strategy["rounds"][number]["merge"]) => ({ ...rest, lambda });
  return JSON.stringify({
    name: "written",
    windows: rounds[0].windows.map(formatWrittenWindow),
    reads: rounds[0].windows.length === 1 ? rounds[0].reads : undefined,
    rounds: rounds.map((round) => ({
      share: round.to - round.from,
      windows: round.windows.map(formatWrittenWindow),
      training: round.training,
      merge: merge(round.merge),
    })),
    keepOptimizerState,
    amount,
    dataShares,
    exchange,
  });
}

test.each(presetNames)("the preset %s equals its written-out form", (name) => {
  const preset = named(resolve(`strategies=[${name}]`, "shards=4"), name);
  const written = named(resolve(`strategies=[${writtenOut(preset)}]`, "shards=4"), "written");
  const bounds = (strategy: Strategy) => strategy.rounds.flatMap(({ from, to }) => [from, to]);
  const rest = (strategy: Strategy) => ({
    ...strategy,
    name: "",
    rounds: strategy.rounds.map((round) => ({ ...round, from: 0, to: 0 })),
  });
  expect(rest(written)).toEqual(rest(preset));
  bounds(written).forEach((share, i) => expect(share).toBeCloseTo(bounds(preset)[i], 12));
});

test("the default of microBatchSize follows the batch of a strategy", () => {
  const [, , one] = resolve("strategies=[{preset: slerp-4, training: {batchSize: 6, sequenceLength: 512}}]");
  expect(one.rounds[0].training).toEqual({ batchSize: 6, sequenceLength: 512, microBatchSize: 3 });
});

test("a batch replaces that of the preset's workers; where it is the recipe's, so is microBatchSize", () => {
  const trainingsOf = (changes: string) => {
    const set = ["shards=4", "training.batchSize=8", "training.microBatchSize=1"];
    const [, , one] = resolve(...set, `strategies=[{preset: sandwich, training: ${changes}}]`);
    return one.rounds.map(({ training }) => training);
  };
  const trainings = trainingsOf("{batchSize: 2}");
  expect(trainings.length).toBe(18);
  for (const training of trainings.slice(1, -1)) expect(training).toEqual({ batchSize: 2, microBatchSize: 2 });
  for (const serial of [trainings[0], trainings[17]]) expect(serial).toEqual({ batchSize: 8, microBatchSize: 1 });
  expect(trainingsOf("{microBatchSize: 4}")[0]).toEqual({ batchSize: 8, microBatchSize: 4 });
});

test("a single window is a part with all data, and trains embedding and head if it covers every layer", () => {
  const set = ["shards=3", "strategies=[vanilla, {name: top, windows: [4-8]}, {name: all, windows: [0-8]}]"];
  const strategies = resolve(...set);
  expect(named(strategies, "top").rounds[0].windows).toEqual([{ first: 4, end: 8, embeddings: false }]);
  expect(named(strategies, "all").rounds[0].windows).toEqual([{ first: 0, end: 8, embeddings: true }]);
});

test("a window may be several ranges and single layers", () => {
  const [, , one] = resolve('strategies=[{name: odd, windows: ["0-2,5,7+embeddings"]}]');
  expect(one.rounds[0].windows).toEqual([{ first: 0, end: 8, embeddings: true, without: [2, 3, 4, 6] }]);
});

test("a window that exceeds a model from a folder is reported with its place in the recipe", () => {
  const text = smallRecipe.replace(/^tokenizer.*\n/m, "").replace(/random: .*\}/, "folder: here }");
  const inFile = parseRecipe(text, "recipes/small.yaml");
  expect(() => resolveStrategies(inFile, { ...config, layers: 6 }))
    .toThrow(`recipes/small.yaml:9:26 strategies[2].windows[2] — expected a window inside layers 0–6, got "4-8".
  The end of a window is exclusive: the last layers are, for example, 2-6.
RecipeError: recipes/small.yaml:9:31 strategies[2].windows[3] — expected a window inside layers 0–6, got "6-8".
  The end of a window is exclusive: the last layers are, for example, 2-6.`);
  const set = parseRecipe(text, "recipes/small.yaml", ["strategies.2.windows=[full, full, full, 0-9]"]);
  expect(() => resolveStrategies(set, { ...config, layers: 6 })).toThrow(
    "--set strategies.2.windows=[full, full, full, 0-9] strategies[2].windows[3] — expected a window inside layers 0–6",
  );
});

test("shards in proportion to cost are equal where one worker trains everything, or all windows cost the same", () => {
  const [, , one, rotating] = resolve(
    "shards=4",
    "strategies=[{name: one, windows: [full], dataShares: cost}, {preset: rotating-windows, dataShares: cost}]",
  );
  for (const { dataShares } of [one, rotating]) expect(dataShares).toEqual([0.25, 0.25, 0.25, 0.25]);
});

test("a training that no worker can run is reported with its place in the strategy", () => {
  const message = (training: string) => {
    try {
      resolve(`strategies=[slerp-4, {preset: diloco, training: ${training}}]`, "shards=4");
    } catch (error) {
      return String(error);
    }
    return "no error";
  };
  const place = /^RecipeError: --set strategies=.* strategies\[1\]\.training\./;
  for (const [training, expected] of [
    ["{batchSize: 6, microBatchSize: 4}", "microBatchSize — expected a divisor of batchSize (6), got 4."],
    [
      "{sequenceLength: 9999999}",
      `sequenceLength — expected at most the model's maxPositions (${config.maxPositions})`,
    ],
    ["{schedule: wsd, warmup: 0.5, decay: 0.9}", "warmup — expected at most 1 − decay (0.1), got 0.5."],
  ])
    expect(message(training).replace(place, "")).toContain(expected);
  expect(message("{batchSize: 6, microBatchSize: 3}")).toBe("no error");
});

test("the names of strategies and baselines are unique, also of presets with changes", () => {
  expect(() => resolve("strategies=[{preset: diloco}, {preset: diloco, training: {batchSize: 2}}]")).toThrow(
    'strategies[1].preset — expected a name that is unique in strategies, got "diloco".\n  Give one of them a `name`',
  );
  expect(() => resolve("baselines=[alone, vanilla, alone]")).toThrow("expected each baseline once");
});
