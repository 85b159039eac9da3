import { existsSync } from "node:fs";
import { join } from "node:path";
import { suggestName } from "../../errors/nearest-name.js";
import { mergeError } from "../merge-error.js";
import { adaptedTensor } from "./adapted-tensor.js";
import { readAdapterConfig } from "./adapter-config.js";
import type { FileReader } from "./file-reader.js";
import { formatShape, sameShape, type InputTensor } from "./input-tensor.js";
import { safetensorsTensors } from "./safetensors-tensors.js";
import { pytorchTensors } from "./pytorch-file.js";

export interface Adapted {
  readonly tensors: ReadonlyMap<string, InputTensor>;
  /** The adapter's files. */
  readonly files: readonly string[];
}

const prefix = "base_model.model.";

/**
 * The tensors of a model with a LoRA adapter of PEFT added. Whole tensors of the adapter (modules_to_save, trained
 * biases) replace the model's.
 *
 * @throws StrataError if the adapter is of another kind or of another model
 */
export function addAdapter(
  model: string,
  tensors: ReadonlyMap<string, InputTensor>,
  folder: string,
  reader: FileReader,
): Adapted {
  const config = readAdapterConfig(folder);
  const file = ["adapter_model.safetensors", "adapter_model.bin"].map((name) => join(folder, name)).find(existsSync);
  if (file === undefined) {
    throw mergeError(
      folder,
      "adapter_model.safetensors or adapter_model.bin",
      "neither",
      "Check the path after the +.",
    );
  }
  const stored = file.endsWith(".bin") ? pytorchTensors(file, reader) : safetensorsTensors(file, reader);
  const own = new Map(stored.map((tensor) => [tensor.name, tensor]));
  const adapted = new Map(tensors);
  const parsed = stored.map((tensor) => ({ tensor, ...parseName(tensor.name, tensor) }));
  // Whole tensors first: the matrices are added to them.
  for (const { tensor, module, role } of parsed.sort(
    (a, b) => Number(b.role === "whole") - Number(a.role === "whole"),
  )) {
    const { name } = tensor;
    if (role === "B") continue;
    const target = tensorOf(model, adapted, role === "whole" ? module : `${module}.weight`, tensor);
    if (role === "whole") adapted.set(target.name, replacing(target, tensor));
    else {
      const b = own.get(name.replace(/lora_(embedding_)?A/, "lora_$1B"));
      if (b === undefined)
        throw mergeError(
          `${file} ${module}`,
          "both matrices, A and B",
          "A alone",
          "The adapter is damaged: copy it again.",
        );
      const isEmbedding = name.includes("lora_embedding_");
      const pair = { a: tensor, b, scale: config.scaleOf(module), isTransposed: isEmbedding !== config.isTransposed };
      adapted.set(target.name, adaptedTensor(target, pair));
    }
  }
  return { tensors: adapted, files: [file, join(folder, "adapter_config.json")] };
}

/** The module or the whole tensor that a tensor of the adapter is for. */
function parseName(name: string, { where }: InputTensor): { module: string; role: "A" | "B" | "whole" } {
  if (!name.startsWith(prefix)) {
    const hint = "Adapters that PEFT saves have such names: save the adapter again with PEFT.";
    throw mergeError(where, `a name that starts with ${prefix}`, name, hint);
  }
  const inner = name.slice(prefix.length);
  const [, module, role] = /^(.*)\.lora_(?:embedding_)?([AB])(?:\.weight)?$/.exec(inner) ?? [];
  if (module !== undefined) return { module, role: role as "A" | "B" };
  // Embeddings that are adapted are also saved as they were.
  const whole = inner.replace(/\.base_layer\.(?=[^.]+$)/, ".");
  if (!/\.lora_|modules_to_save|base_layer/.test(whole)) return { module: whole, role: "whole" };
  const hint =
    "Only plain LoRA matrices and whole tensors are added. Merge this adapter with PEFT and name the result as " +
    "the model.";
  throw mergeError(where, "lora_A, lora_B or a whole tensor", inner, hint);
}

function tensorOf(
  model: string,
  tensors: ReadonlyMap<string, InputTensor>,
  name: string,
  adapter: InputTensor,
): InputTensor {
  const target = tensors.get(name);
  if (target !== undefined) return target;
  const nearest = suggestName(name, [...tensors.keys()].slice(0, 2000));
  const hint = `The adapter was trained on another model. ${nearest ?? "Check both paths of `model`."}`;
  throw mergeError(adapter.where, `a tensor ${name} in ${model}`, "no such tensor", hint);
}

function replacing(target: InputTensor, tensor: InputTensor): InputTensor {
  if (sameShape(target.shape, tensor.shape)) return { ...tensor, name: target.name };
  const hint = "The adapter was trained on a model with another vocabulary or size: check both paths of `model`.";
  throw mergeError(
    tensor.where,
    `shape ${formatShape(target.shape)} as in ${target.where}`,
    formatShape(tensor.shape),
    hint,
  );
}
