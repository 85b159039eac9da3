import { copyFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeJsonAtomic } from "../tensor/atomic-file.js";
import type { DType } from "../tensor/dtype.js";

const weights = /\.(safetensors|bin|pt|pth|gguf|h5|msgpack|onnx|partial)$|\.index\.json$/;

const transformersNames: Partial<Record<DType, string>> = { f32: "float32", bf16: "bfloat16", f16: "float16" };

/**
 * The base's configuration, tokenizer and other files beside its weights, unchanged; but where the configuration names the
 * type of the weights, it names the merged ones' (f32 where they differ).
 */
export function copyOtherFiles(from: string, to: string, dtypes: ReadonlySet<DType>): void {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isDirectory() || weights.test(entry.name)) continue;
    if (entry.name === "config.json") copyConfig(join(from, entry.name), join(to, entry.name), dtypes);
    else copyFileSync(join(from, entry.name), join(to, entry.name));
  }
}

function copyConfig(from: string, to: string, dtypes: ReadonlySet<DType>): void {
  const config = JSON.parse(readFileSync(from, "utf8")) as Record<string, unknown>;
  const dtype = transformersNames[dtypes.size === 1 ? [...dtypes][0] : "f32"];
  const members = ["torch_dtype", "dtype"].filter((member) => member in config && config[member] !== dtype);
  if (members.length === 0) copyFileSync(from, to);
  else writeJsonAtomic(to, { ...config, ...Object.fromEntries(members.map((member) => [member, dtype])) });
}
