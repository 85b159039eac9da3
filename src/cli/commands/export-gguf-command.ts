import { exportGguf } from "../../convert/gguf/export-gguf.js";
import type { TensorType } from "../../convert/gguf/tensor-type.js";

export interface ExportGgufOptions {
  readonly type: TensorType;
  readonly name?: string;
  readonly force: boolean;
  readonly json: boolean;
}

/** Shows the share that is done on a terminal, and ends with what was written. */
export function exportGgufCommand(folder: string, path: string, options: ExportGgufOptions): void {
  const { type, name, force: replace, json } = options;
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
