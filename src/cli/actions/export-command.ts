import { exportModel, exportModelFolder } from "../../run/export-model.js";
import type { ExportArguments } from "../commands/export-arguments.js";
import { locatePlan } from "./locate-plan.js";
import type { RunArguments } from "./locate-run.js";

export interface ExportCommandOptions extends RunArguments {
  readonly maxShardSize: number;
  readonly json: boolean;
}

/** Writes a model to a folder that transformers loads: a strategy's, or that of a folder. */
export async function exportCommand(
  { source, strategy, out: folder }: ExportArguments,
  options: ExportCommandOptions,
): Promise<void> {
  const target = { folder, shardBytes: options.maxShardSize * 1e9 };
  let text = `${source}: ${folder}`;
  if (strategy === null) await exportModelFolder(source, target);
  else {
    const { store, plan } = await locatePlan(source, options);
    await exportModel(store, plan, { strategy, ...target });
    text = `${strategy} of ${plan.recipe.name}: ${folder}`;
  }
  const facts = strategy === null ? { source, folder } : { strategy, folder };
  process.stdout.write(options.json ? `${JSON.stringify(facts)}\n` : `${text}\n`);
}
