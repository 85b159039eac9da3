import { exportModel } from "../../run/export-model.js";
import { planRun } from "../../run/graph/run-graph.js";
import { withHub } from "./hub-access.js";
import { locateRun, type RunArguments } from "./locate-run.js";

export interface ExportCommandOptions extends RunArguments {
  readonly maxShardSize: number;
  readonly json: boolean;
}

/** Writes a strategy's model to a folder that transformers loads. */
export async function exportCommand(
  path: string,
  strategy: string,
  folder: string,
  options: ExportCommandOptions,
): Promise<void> {
  const { recipe, store } = await locateRun(path, options);
  const plan = await withHub((hub) => planRun(recipe, hub));
  await exportModel(store, plan, { strategy, folder, shardBytes: options.maxShardSize * 1e9 });
  process.stdout.write(
    options.json ? `${JSON.stringify({ strategy, folder })}\n` : `${strategy} of ${recipe.name}: ${folder}\n`,
  );
}
