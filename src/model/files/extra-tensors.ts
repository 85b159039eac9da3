import type { StrataError } from "../../errors/strata-error.js";
import { checkpointError } from "../../tensor/checkpoint-error.js";
import { plural } from "../../text/plural.js";
import type { ModelConfig } from "../config/model-config.js";
import type { FolderTensor } from "./stored-weights.js";

/** A name of one component, or the end of a longer one. */
const ending = (...names: readonly string[]) => new RegExp(`(^|\\.)(${names.join("|")})$`, "i");

/** Computed from the configuration or the text; files of older versions contain them. */
const buffers = ending(
  "position_ids|token_type_ids",
  "masked_bias|causal_mask|attention_mask|attn_mask",
  "(original_)?inv_freq|rope\\.freqs|rotary_emb\\.(cos|sin)|(cos|sin|cos_sin)_cached?",
);
const causalMask = ending("(attn|self_attn|attention)\\.bias");

/** Tensors that change the result, and what to try. */
const parameters: readonly (readonly [name: RegExp, got: string, hint: string])[] = [
  [
    /lora_|(^|\.)(adapter|modules_to_save)\b/i,
    "a part of an adapter",
    "Merge the adapter into the model first, in PEFT with merge_and_unload().",
  ],
  [
    ending(
      "qweight|qzeros|g_idx|scales|scb",
      "[a-z_]*(absmax|quant_map)|[a-z_]*quant_state.*",
      "[a-z]+_(scale|scale_inv|scale_2|zero_point|packed|global_scale|g_idx)",
    ),
    "a part of a quantized weight",
    "Not implemented: quantized weights. Convert the model to bf16, f16 or f32 first.",
  ],
  [
    /\.(q|k)_norm\./,
    "a norm of queries or keys",
    "Not implemented: query and key norms. Check model_type in config.json.",
  ],
  [
    ending("bias"),
    "a bias",
    "config.json declares no such bias, or its model_type has none: copy config.json from the same model.",
  ],
];

/**
 * Checks the tensors of a folder that are not parameters of its configuration. Buffers, which no computation reads,
 * are left out.
 *
 * @returns a sentence that names the buffers; null if there are none
 * @throws StrataError for a layer beyond the configuration, or a tensor that could change the result
 */
export function leaveOutBuffers({ layers }: ModelConfig, extra: readonly FolderTensor[]): string | null {
  for (const tensor of extra) {
    const layer = Number(/(?:^|\.)layers\.(\d+)\./.exec(tensor.name)?.[1] ?? -1);
    if (layer >= layers) throw beyond(tensor, layers, layer);
    if (!isBuffer(tensor)) throw unknown(tensor);
  }
  if (extra.length === 0) return null;
  const names = new Set(extra.map(({ name }) => name.replace(/(^|\.)layers\.\d+\./, "$1layers.*.")));
  return `${plural(extra.length, "tensor")} left out, which no computation reads: ${[...names].join(", ")}`;
}

/** By its name, or because it has integers or booleans and is not part of a quantized weight. */
function isBuffer({ name, dtype, shape }: FolderTensor): boolean {
  const isWhole = /^(bool|[iu]\d+)$/i.test(dtype);
  if (buffers.test(name) || (causalMask.test(name) && (isWhole || shape.length === 4))) return true;
  return isWhole && !parameters.some(([pattern]) => pattern.test(name));
}

function unknown({ path, name }: FolderTensor): StrataError {
  const [, got, hint] = parameters.find(([pattern]) => pattern.test(name)) ?? [
    name,
    "another tensor",
    "Strata does not support this architecture.",
  ];
  return checkpointError(`${path} ${name}`, "only the tensors of its config.json", got, hint);
}

function beyond({ path, name }: FolderTensor, layers: number, layer: number): StrataError {
  const hint = "config.json and the weights do not match: copy both from the same model.";
  return checkpointError(`${path} ${name}`, `a layer number below ${layers}, as in config.json`, `${layer}`, hint);
}
