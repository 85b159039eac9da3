import { defaultBatchSizeOf } from "../defaults/depth.js";
import { issueAt, valueAt, type Issue, type Path } from "../errors/issue.js";

/** Heads that do not divide evenly, and dimensions that rotary embeddings cannot rotate. */
export function shapeIssues(recipe: unknown, path: Path): Issue[] {
  const number = (key: string): number | null => {
    const value = valueAt(recipe, [...path, key]);
    return typeof value === "number" && Number.isInteger(value) && value > 0 ? value : null;
  };
  const [hiddenSize, attentionHeads, keyValueHeads, headDim] = [
    "hiddenSize",
    "attentionHeads",
    "keyValueHeads",
    "headDim",
  ].map(number);
  const issues: Issue[] = [];
  if (attentionHeads !== null && keyValueHeads !== null && attentionHeads % keyValueHeads !== 0) {
    issues.push(
      issueAt(
        [...path, "keyValueHeads"],
        `a divisor of attentionHeads (${attentionHeads})`,
        keyValueHeads,
        "Each key and value head serves the same number of attention heads.",
      ),
    );
  }
  if (headDim !== null && headDim % 2 !== 0) {
    issues.push(issueAt([...path, "headDim"], "an even number", headDim, "Rotary embeddings rotate pairs of numbers."));
  }
  if (headDim === null && hiddenSize !== null && attentionHeads !== null && hiddenSize % (2 * attentionHeads) !== 0) {
    const nearby = Math.max(1, Math.round(hiddenSize / (2 * attentionHeads))) * 2 * attentionHeads;
    issues.push(
      issueAt(
        [...path, "hiddenSize"],
        `a multiple of 2 × attentionHeads (${2 * attentionHeads})`,
        hiddenSize,
        `Use ${nearby}, or set headDim.`,
      ),
    );
  }
  return issues;
}

const trainingPlaces: readonly Path[] = [["training"], ["model", "pretrain", "training"]];

/** Micro batches that do not add up to a step. */
export function microBatchIssues(recipe: unknown): Issue[] {
  return trainingPlaces.flatMap((path) => {
    const batchSize = valueAt(recipe, [...path, "batchSize"]) ?? defaultBatchSizeOf(recipe);
    const microBatchSize = valueAt(recipe, [...path, "microBatchSize"]);
    const divides =
      typeof batchSize !== "number" || typeof microBatchSize !== "number" || batchSize % microBatchSize === 0;
    return divides
      ? []
      : [
          issueAt(
            [...path, "microBatchSize"],
            `a divisor of batchSize (${batchSize})`,
            microBatchSize,
            "All micro batches of a step have the same number of sequences.",
          ),
        ];
  });
}

/** Sequences longer than the model allows. */
export function lengthIssues(recipe: unknown): Issue[] {
  const shape = (path: Path) =>
    valueAt(recipe, [...path, "maxPositions"]) ?? (valueAt(recipe, path) === undefined ? undefined : 2048);
  const limit = shape(["model", "random"]) ?? shape(["model", "pretrain", "shape"]) ?? shape(["model", "depth"]);
  return trainingPlaces.flatMap((path) => {
    const length = valueAt(recipe, [...path, "sequenceLength"]);
    return typeof limit === "number" && typeof length === "number" && length > limit
      ? [
          issueAt(
            [...path, "sequenceLength"],
            `at most the model's maxPositions (${limit})`,
            length,
            "Shorten the sequences or raise maxPositions.",
          ),
        ]
      : [];
  });
}

/** The largest warmup before a decay, without rounding errors. */
function largest(decay: number): number {
  return Number((1 - decay).toFixed(9));
}

/** A learning rate that falls before it has risen. */
export function scheduleIssues(recipe: unknown): Issue[] {
  return trainingPlaces.flatMap((path) => {
    const [schedule, warmup = 0.03, decay = 0.2] = ["schedule", "warmup", "decay"].map((key) =>
      valueAt(recipe, [...path, key]),
    );
    const overlaps =
      schedule === "wsd" && typeof warmup === "number" && typeof decay === "number" && warmup > largest(decay);
    if (!overlaps) return [];
    const hint = "The rate rises over the warmup, is constant, and falls over the decay.";
    return [issueAt([...path, "warmup"], `at most 1 − decay (${largest(decay as number)})`, warmup, hint)];
  });
}

/**
 * Mistakes in the training of a strategy, which is complete only with the values of the recipe. Their paths begin with
 * `training`.
 *
 * @param overrides  the values of the strategy
 * @param settings   with those of the recipe
 */
export function overrideIssues(
  overrides: Readonly<Record<string, unknown>>,
  settings: Readonly<Record<string, unknown>>,
  maxPositions: number,
): Issue[] {
  const recipe = { training: settings, model: { random: { maxPositions } } };
  const lengths = "sequenceLength" in overrides ? lengthIssues(recipe) : [];
  return [...lengths, ...microBatchIssues(recipe), ...scheduleIssues(recipe)];
}
