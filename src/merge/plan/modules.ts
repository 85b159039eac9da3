import { suggestName } from "../../errors/nearest-name.js";
import type { MergeConfig, ModuleConfig } from "../config/merge-config.js";
import type { InputModel } from "../inputs/open-model.js";
import { mergeError } from "../merge-error.js";
import { layerCounts, parseLayerName } from "./tensor-roles.js";

/** The module that takes what no other one does. */
const rest = "default";

/**
 * Whether a tensor is one of a module: those of the stack of layers that the module is named after, and those whose
 * names
 * begin like the module's; with one module, all.
 */
export function belongsToModule(name: string, module: ModuleConfig, modules: readonly ModuleConfig[]): boolean {
  if (modules.length === 1) return true;
  return (
    (modules.find((other) => other.name !== rest && isNamedAfter(name, other.name ?? "")) ?? restOf(modules)) === module
  );
}

function isNamedAfter(tensor: string, module: string): boolean {
  return parseLayerName(tensor)?.stack === module || tensor === module || tensor.startsWith(`${module}.`);
}

function restOf(modules: readonly ModuleConfig[]): ModuleConfig {
  return modules.find(({ name }) => name === rest) ?? modules[0];
}

/** @throws StrataError for a module of several that no tensor belongs to */
export function checkModules({ file, modules }: MergeConfig, models: readonly InputModel[]): void {
  if (modules.length === 1) return;
  const names = new Set(models.flatMap((model) => [...model.tensors.keys()]));
  for (const module of modules) {
    if ([...names].some((name) => belongsToModule(name, module, modules))) continue;
    const stacks = [...layerCounts(names).keys()];
    const hint = suggestName(module.name ?? "", stacks) ?? `Name it after a stack of layers: ${stacks.join(", ")}.`;
    throw mergeError(`${file} modules.${module.name}`, "a part of the models", "no tensor with such a name", hint);
  }
}
