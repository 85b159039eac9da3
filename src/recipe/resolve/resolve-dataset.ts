import { datasetPresets } from "../dataset-presets.js";
import type { Path } from "../errors/issue.js";
import type { DatasetRecipe, SyntheticName, TextRecipe } from "../recipe.js";
import type { WrittenDataset } from "../schema/data.js";

/**
 * @param seed         the recipe's; undefined for several, which synthetic data then follow
 * @param resolvePath  the absolute path of a file in the recipe at `at`
 */
export function resolveDataset(
  name: string,
  set: WrittenDataset,
  seed: number | undefined,
  resolvePath: (file: string, at: Path) => string,
): DatasetRecipe {
  const {
    field: _field,
    template: _template,
    prompt: _prompt,
    completion: _completion,
    messages: _messages,
    ...own
  } = set;
  const text = resolveText(set);
  if ("synthetic" in own) return { ...own, ...withSeed(own.seed ?? seed), ...text };
  if ("hf" in own) return { ...own, ...text };
  if ("preset" in own) {
    const { preset, ...others } = own;
    const { hf, config, split } = datasetPresets[preset];
    return { ...others, hf, config: own.config ?? config, split: own.split ?? split, ...text };
  }
  const { files } = own;
  const at = ["data", name, "files"];
  return { ...own, files: files.map((file, i) => resolvePath(file, [...at, i])), ...text };
}

const withSeed = (seed: number | undefined) => (seed === undefined ? {} : { seed });

const syntheticText: Readonly<Record<SyntheticName, TextRecipe>> = {
  stories: { field: "text" },
  problems: { template: "Question: {question}\nAnswer: {answer}" },
  choices: { field: "query" },
};

function resolveText(set: WrittenDataset): TextRecipe {
  const { field, template, prompt, completion, messages } = set;
  if (template !== undefined) return { template };
  if (prompt !== undefined && completion !== undefined) return { prompt, completion };
  if (field !== undefined) return { field };
  if (messages !== undefined) return { messages };
  if ("preset" in set) return datasetPresets[set.preset].text;
  return "synthetic" in set ? syntheticText[set.synthetic] : { field: "text" };
}
