import { exportGguf } from "../../convert/gguf/export-gguf.js";
import type { TensorType } from "../../convert/gguf/tensor-type.js";
import { strategyModel } from "../../run/facts/strategy-model.js";
import type { ExportArguments } from "../commands/export-arguments.js";
import { locatePlan } from "./locate-plan.js";
import type { RunArguments } from "./locate-run.js";

export interface ExportGgufOptions extends RunArguments {
  readonly type: TensorType;
  readonly name?: string;
  readonly force: boolean;
  readonly json: boolean;
}

/** Shows the share that is done on a terminal, and ends with what was written. */
export async function exportGgufCommand(given: ExportArguments, options: ExportGgufOptions): Promise<void> {
  const { type, force: replace, json } = options;
  const { out: path } = given;
  const { folder, name } = await modelToExport(given, options);
  const terminal = process.stderr.isTTY;
  let shown = -1;
  const onProgress = (done: number, total: number) => {
    const percent = Math.floor((100 * done) / total);
    if (!terminal || percent === shown) return;
    shown = percent;
    process.stderr.write(percent < 100 ? `\r${percent} %` : "\r\x1b[2K");
  };
  const started = performance.now();
  const record = exportGguf({ folder, path, type, name, replace, onProgress });
  const seconds = (performance.now() - started) / 1000;
  if (json) {
    process.stdout.write(`${JSON.stringify({ path, type, ...record, seconds })}\n`);
    return;
  }
  const { tensors, elements, bytes, keptF16 } = record;
  process.stdout.write(
    `${path}: ${elements} values in ${tensors} tensors, ${type}, ${bytes} bytes, ${seconds.toFixed(1)} s\n`,
  );
  if (keptF16.length > 0)
    process.stdout.write(`In f16, as their rows are no whole blocks of ${type}: ${keptF16.join(", ")}\n`);
}

/** A strategy's model is called after its recipe and the strategy, that of a folder after the folder. */
async function modelToExport(
  { source, strategy }: ExportArguments,
  options: ExportGgufOptions,
): Promise<{ readonly folder: string; readonly name?: string }> {
  if (strategy === null) return { folder: source, name: options.name };
  const { store, plan } = await locatePlan(source, options);
  const { folder } = await strategyModel(store, plan, strategy);
  return { folder, name: options.name ?? `${plan.recipe.name}-${strategy}` };
}
