import type { GeneratorKind } from "../documents/dataset.js";
import { generateChoice } from "./choices.js";
import { createDraw } from "./draw.js";
import { generateProblem } from "./problems.js";
import { generateStory } from "./stories.js";

/**
 * Record `index` of an endless stream of synthetic data. It depends only on the three arguments, so any part of the
 * stream can be generated independently.
 *
 * - stories: `text`, three to six simple sentences
 * - problems: `question` and `answer`, in the format of GSM8K
 * - choices: `ind`, `query`, `endings` and `label`, in the format of HellaSwag, about such problems
 */
export function generateRecord(kind: GeneratorKind, seed: number, index: number): Record<string, unknown> {
  const draw = createDraw(kind, seed, index);
  if (kind === "stories") return { ...generateStory(draw) };
  if (kind === "problems") return { ...generateProblem(draw) };
  return { ...generateChoice(draw, index) };
}
