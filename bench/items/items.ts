import { efficiencyItem } from "./efficiency.js";
import { inferenceItems } from "./inference.js";
import type { Item } from "./item.js";
import { matmulItems } from "./matmul.js";
import { mergingItem } from "./merging.js";
import { partsItem } from "./parts.js";
import { registersItem } from "./registers.js";
import { roundsItem } from "./rounds.js";
import { tokenizerItems } from "./tokenizer.js";
import { trainingItems } from "./training.js";
import { windowsItem } from "./windows.js";

export const items: readonly Item[] = [
  ...matmulItems,
  ...trainingItems,
  efficiencyItem,
  windowsItem,
  roundsItem,
  ...inferenceItems,
  ...tokenizerItems,
  partsItem,
  mergingItem,
  registersItem,
];

/** The items of these names; without names, all but the heavy items. */
export function selectItems(names: readonly string[]): readonly Item[] {
  return items.filter(({ name, isHeavy }) => (names.length === 0 ? !isHeavy : names.includes(name)));
}
