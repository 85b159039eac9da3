import { issueAt, valueAt, type Issue, type Path } from "./issue.js";

/** Heads that do not divide, widths that rotary embeddings cannot turn. */
export function shapeIssues(recipe: unknown, path: Path): Issue[] {
  const number = (key: string): number | null => {
    const value = valueAt(recipe, [...path, key]);
    return typeof value === "number" && Number.isInteger(value) && value > 0 ? value : null;
  };
  const [width, queryHeads, keyValueHeads, headWidth] = ["width", "queryHeads", "keyValueHeads", "headWidth"].map(
    number,
  );
  const issues: Issue[] = [];
  if (queryHeads !== null && keyValueHeads !== null && queryHeads % keyValueHeads !== 0) {
    issues.push(
      issueAt(
        [...path, "keyValueHeads"],
        `a divisor of queryHeads (${queryHeads})`,
        keyValueHeads,
        "Each head of keys and values serves the same number of query heads.",
      ),
    );
  }
  if (headWidth !== null && headWidth % 2 !== 0) {
    issues.push(
      issueAt([...path, "headWidth"], "an even number", headWidth, "Rotary embeddings turn pairs of numbers."),
    );
  }
  if (headWidth === null && width !== null && queryHeads !== null && width % (2 * queryHeads) !== 0) {
    const nearby = Math.max(1, Math.round(width / (2 * queryHeads))) * 2 * queryHeads;
    issues.push(
      issueAt(
        [...path, "width"],
        `a multiple of 2 × queryHeads (${2 * queryHeads})`,
        width,
        `Take ${nearby}, or give headWidth.`,
      ),
    );
  }
  return issues;
}

const trainingPlaces: readonly Path[] = [["training"], ["model", "pretrain", "training"]];

/** Passes that do not add up to a step. */
export function microBatchIssues(recipe: unknown): Issue[] {
  return trainingPlaces.flatMap((path) => {
    const batchSize = valueAt(recipe, [...path, "batchSize"]) ?? 16;
    const microBatch = valueAt(recipe, [...path, "microBatch"]);
    const divides = typeof batchSize !== "number" || typeof microBatch !== "number" || batchSize % microBatch === 0;
    return divides
      ? []
      : [
          issueAt(
            [...path, "microBatch"],
            `a divisor of batchSize (${batchSize})`,
            microBatch,
            "All passes of a step have the same number of sequences.",
          ),
        ];
  });
}

/** Sequences longer than the model's. */
export function lengthIssues(recipe: unknown): Issue[] {
  const shape = (path: Path) =>
    valueAt(recipe, [...path, "maximumPositions"]) ?? (valueAt(recipe, path) === undefined ? undefined : 2048);
  const limit = shape(["model", "random"]) ?? shape(["model", "pretrain", "shape"]);
  return trainingPlaces.flatMap((path) => {
    const length = valueAt(recipe, [...path, "sequenceLength"]);
    return typeof limit === "number" && typeof length === "number" && length > limit
      ? [
          issueAt(
            [...path, "sequenceLength"],
            `at most the model's maximumPositions (${limit})`,
            length,
            "Shorten the sequences or raise maximumPositions.",
          ),
        ]
      : [];
  });
}
