import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { safetensorsFiles } from "../../../src/tensor/safetensors-shards.js";
import { formatHeader, openSafetensors, readTensor, type StoredTensor } from "../../../src/tensor/safetensors.js";
import { encodeFloats, type DType } from "../../../src/tensor/dtype.js";
import type { Ended } from "../../run/strata.js";

const program = join(import.meta.dirname, "../../../dist/cli/main.js");
const golden = join(import.meta.dirname, "../../golden/merge/end-to-end.json");

export interface EndToEndCase {
  readonly id: string;
  readonly config_yaml: string;
  readonly cli_args: readonly string[];
  readonly output_files?: readonly string[];
  readonly output_config?: Readonly<Record<string, unknown>>;
  readonly output_dtype?: readonly string[];
  readonly output_tensor_names?: readonly string[];
  readonly expected_tensors?: Readonly<Record<string, readonly number[]>>;
  readonly expected_shapes?: Readonly<Record<string, readonly number[]>>;
  readonly index_json?: {
    readonly weight_map: Readonly<Record<string, string>>;
    readonly metadata: { readonly total_size: number };
  };
  readonly readme_structure?: {
    readonly front_matter_keys_in_order: readonly string[];
    readonly front_matter_tags: readonly string[];
    readonly headings: readonly string[];
    readonly method_link: string;
    readonly mentions_base_model: boolean;
    readonly bullets_any_order: readonly string[];
  };
  readonly expected_error?: { readonly reason: string };
  readonly abs_tol?: number;
}

interface Golden {
  readonly end_to_end: {
    readonly input_models: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
    readonly tensor_shapes: Readonly<Record<string, readonly number[]>>;
    readonly input_config: Readonly<Record<string, unknown>>;
    readonly cases: readonly EndToEndCase[];
  };
}

export const { end_to_end: endToEnd } = JSON.parse(readFileSync(golden, "utf8")) as Golden;

export interface ModelTensor {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
  readonly dtype?: DType;
}

/** Writes a folder with one file of weights. */
export function writeModel(
  folder: string,
  tensors: Readonly<Record<string, ModelTensor>>,
  config: Readonly<Record<string, unknown>> | null = { architectures: ["ToyModel"], dtype: "float32" },
): void {
  mkdirSync(folder, { recursive: true });
  const entries = Object.entries(tensors).map(([name, { shape, dtype = "f32" }]) => ({ name, shape, dtype }));
  const data = Object.values(tensors).map(({ values, dtype = "f32" }) =>
    encodeFloats(Float32Array.from(values), dtype),
  );
  writeFileSync(join(folder, "model.safetensors"), Buffer.concat([formatHeader(entries, { format: "pt" }), ...data]));
  if (config !== null) writeFileSync(join(folder, "config.json"), JSON.stringify(config, null, 2));
}

/** Writes the models of the golden cases, each with a small tokenizer. */
export function writeGoldenModels(folder: string): void {
  for (const [name, tensors] of Object.entries(endToEnd.input_models)) {
    const shaped = Object.entries(tensors).map(([tensor, values]) => [
      tensor,
      { shape: endToEnd.tensor_shapes[tensor], values },
    ]);
    writeModel(join(folder, name), Object.fromEntries(shaped) as Record<string, ModelTensor>, endToEnd.input_config);
    for (const file of ["tokenizer.json", "tokenizer_config.json", "generation_config.json"]) {
      writeFileSync(join(folder, name, file), `{"of": ${JSON.stringify(name)}}`);
    }
  }
}

/** Runs `strata merge` in a folder. @param meanwhile  gets the process id */
export function merge(
  cwd: string,
  args: readonly string[],
  meanwhile: (pid: number) => void = () => {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, "merge", ...args], { cwd });
    let [out, err] = ["", ""];
    child.stdout.on("data", (piece) => (out += piece));
    child.stderr.on("data", (piece) => (err += piece));
    child.on("close", (code) => resolve({ code, out, err }));
    if (child.pid !== undefined) meanwhile(child.pid);
  });
}

/** Writes the configuration and merges into `out`. */
export function mergeConfig(cwd: string, yaml: string, args: readonly string[] = []): Promise<Ended> {
  writeFileSync(join(cwd, "merge.yml"), yaml);
  return merge(cwd, ["merge.yml", "out", ...args]);
}

/** All tensors of a folder, in the order of files and data. */
export function tensorsOf(folder: string): ReadonlyMap<string, StoredTensor & { readonly values: Float32Array }> {
  const stored = safetensorsFiles(folder).flatMap((path) => [...openSafetensors(path).tensors.values()]);
  return new Map(stored.map((tensor) => [tensor.name, { ...tensor, values: readTensor(tensor) }]));
}
