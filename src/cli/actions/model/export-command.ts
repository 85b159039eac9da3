import { exportModel, exportModelFolder } from "../../../run/export-model.js";
import { defaultShardBytes } from "../../../tensor/safetensors-shards.js";
import type { ExportArguments } from "../../options/export-arguments.js";
import { notesText } from "../../view/notes-text.js";
import { locatePlan } from "../run/locate-plan.js";
import type { RunArguments } from "../run/locate-run.js";

export interface ExportCommandOptions extends RunArguments {
  /** Gigabytes. */
  readonly maxShardSize?: number;
  readonly json: boolean;
}

/** Writes the model of a strategy or of a folder as a Hugging Face folder. */
export async function exportCommand(
  { source, strategy, out: folder }: ExportArguments,
  options: ExportCommandOptions,
): Promise<void> {
  const { maxShardSize, json } = options;
  const target = { folder, shardBytes: maxShardSize === undefined ? defaultShardBytes : maxShardSize * 1e9 };
  let text = `${source}: ${folder}`;
  let notes: readonly string[];
  if (strategy === null) notes = await exportModelFolder(source, target);
  else {
    const { store, plan } = await locatePlan(source, options);
    notes = await exportModel(store, plan, { strategy, ...target });
    text = `${strategy} of ${plan.recipe.name}: ${folder}`;
  }
  process.stderr.write(notesText(notes));
  const facts = strategy === null ? { source, folder } : { strategy, folder };
  process.stdout.write(json ? `${JSON.stringify(facts)}\n` : `${text}\n`);
}
