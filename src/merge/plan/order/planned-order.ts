import { formatLayerName, isBeforeLayers, isHead, parseLayerName } from "../tensor-roles.js";

/** The tensors of a layer in mergekit's description of these architectures; elsewhere they are in order of names. */
const llamaLayer = [
  "input_layernorm.weight",
  "self_attn.q_proj.weight",
  "self_attn.k_proj.weight",
  "self_attn.v_proj.weight",
  "self_attn.o_proj.weight",
  "post_attention_layernorm.weight",
  "mlp.up_proj.weight",
  "mlp.gate_proj.weight",
  "mlp.down_proj.weight",
];
const likeLlama = ["LlamaForCausalLM", "LLaMaForCausalLM", "MistralForCausalLM"];

/**
 * Tensors in the order in which mergekit plans them: before the layers, layer by layer, after the layers, a head last.
 *
 * @param architecture  of the models; null if it is not known
 */
export function plannedOrder<Tensor extends { readonly name: string }>(
  tensors: readonly Tensor[],
  architecture: string | null,
): readonly Tensor[] {
  const isLikeLlama = architecture !== null && likeLlama.includes(architecture);
  const keys = new Map(tensors.map((tensor) => [tensor, keyOf(tensor.name, isLikeLlama)]));
  return [...tensors].sort((a, b) => compareKeys(keys.get(a)!, keys.get(b)!));
}

type Key = readonly [group: number, layer: number, place: number, name: string];

function keyOf(name: string, isLikeLlama: boolean): Key {
  const layer = parseLayerName(name);
  if (layer === null) return [isBeforeLayers(name) ? 0 : isHead(name) ? 3 : 2, 0, 0, name];
  const place = isLikeLlama ? llamaLayer.indexOf(layer.rest) : -1;
  const known = place < 0 ? llamaLayer.length : place;
  return [1, layer.index, isLikeLlama ? known : 0, formatLayerName({ ...layer, index: 0 })];
}

function compareKeys(a: Key, b: Key): number {
  for (const [i, value] of a.entries()) {
    if (value < b[i]) return -1;
    if (value > b[i]) return 1;
  }
  return 0;
}
