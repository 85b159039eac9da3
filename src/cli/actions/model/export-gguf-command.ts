import { exportGguf, type GgufOptions } from "../../../convert/gguf/export-gguf.js";
import type { TensorType } from "../../../convert/gguf/tensor-type.js";
import { strategyModel } from "../../../run/facts/strategy-model.js";
import type { ExportArguments } from "../../options/export-arguments.js";
import { notesText } from "../../view/notes-text.js";
import { locatePlan } from "../run/locate-plan.js";
import type { RunArguments } from "../run/locate-run.js";

export interface ExportGgufOptions extends RunArguments {
  readonly type: TensorType;
  readonly name?: string;
  readonly force: boolean;
  readonly json: boolean;
}

/** Writes a GGUF file, with a percentage on a terminal while it is written and a summary at the end. */
export async function exportGgufCommand(given: ExportArguments, options: ExportGgufOptions): Promise<void> {
  const { type, force: replace, json } = options;
  const { out: path } = given;
  const model = await modelToExport(given, options);
  const started = performance.now();
  const record = exportGguf({ ...model, path, type, replace, onProgress: showPercent(process.stderr) });
  const seconds = (performance.now() - started) / 1000;
  process.stderr.write(notesText(record.notes));
  if (json) {
    process.stdout.write(`${JSON.stringify({ path, type, ...record, seconds })}\n`);
    return;
  }
  const { tensors, elements, bytes, keptF16 } = record;
  process.stdout.write(
    `${path}: ${elements} values in ${tensors} tensors, ${type}, ${bytes} bytes, ${seconds.toFixed(1)} s\n`,
  );
  if (keptF16.length > 0)
    process.stdout.write(`Written in f16, because their rows are not whole blocks of ${type}: ${keptF16.join(", ")}\n`);
}

/** Redraws the percentage on a terminal, and clears it at the end. */
function showPercent(out: NodeJS.WriteStream): (done: number, total: number) => void {
  let shown = -1;
  return (done, total) => {
    const percent = Math.floor((100 * done) / total);
    if (!out.isTTY || percent === shown) return;
    shown = percent;
    out.write(percent < 100 ? `\r${percent} %` : "\r\x1b[2K");
  };
}

/**
 * The folder and the name of the model, and the recipe's rule for BOS; without `--name` the name is RECIPE-STRATEGY, or
 * chosen by `exportGguf`.
 */
async function modelToExport(
  { source, strategy }: ExportArguments,
  options: ExportGgufOptions,
): Promise<Pick<GgufOptions, "folder" | "name" | "bos">> {
  if (strategy === null) return { folder: source, name: options.name };
  const { store, plan } = await locatePlan(source, options);
  const { folder } = await strategyModel(store, plan, strategy);
  return { folder, name: options.name ?? `${plan.recipe.name}-${strategy}`, bos: plan.recipe.bos };
}
