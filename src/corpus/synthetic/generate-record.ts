import type { GeneratorKind } from "../documents/dataset.js";
import { generateChoice } from "./choices.js";
import { createDraw } from "./draw.js";
import { generateProblem } from "./problems.js";
import { generateStory } from "./stories.js";

/**
 * Record `index` of an endless stream of made-up data. It depends on the three arguments alone, so any part of the
 * stream can be made anywhere; other seeds and kinds give other streams.
 *
 * - stories: `text`, three to six plain sentences
 * - problems: `question` and `answer`, in the format of GSM8K
 * - choices: `ind`, `query`, `endings` and `label`, in the format of HellaSwag, about such problems
 */
export function generateRecord(kind: GeneratorKind, seed: number, index: number): Record<string, unknown> {
  const draw = createDraw(kind, seed, index);
  if (kind === "stories") return { ...generateStory(draw) };
  if (kind === "problems") return { ...generateProblem(draw) };
  return { ...generateChoice(draw, index) };
}
