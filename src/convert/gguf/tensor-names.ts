import { embeddingName, finalNormName } from "../../model/config/parameters.js";

const outsideLayers: Readonly<Record<string, string>> = {
  [embeddingName]: "token_embd.weight",
  [finalNormName]: "output_norm.weight",
  "lm_head.weight": "output.weight",
};

const inLayer: Readonly<Record<string, string>> = {
  input_layernorm: "attn_norm",
  "self_attn.q_proj": "attn_q",
  "self_attn.k_proj": "attn_k",
  "self_attn.v_proj": "attn_v",
  "self_attn.o_proj": "attn_output",
  post_attention_layernorm: "ffn_norm",
  "mlp.gate_proj": "ffn_gate",
  "mlp.up_proj": "ffn_up",
  "mlp.down_proj": "ffn_down",
};

/** llama.cpp's name of a parameter; null if it has none. */
export function ggufName(name: string): string | null {
  const [, layer, part, kind] = /^model\.layers\.(\d+)\.(.+)\.(weight|bias)$/.exec(name) ?? [];
  if (layer === undefined) return outsideLayers[name] ?? null;
  return part in inLayer ? `blk.${layer}.${inLayer[part]}.${kind}` : null;
}

/** Whether RoPE rotates pairs of the tensor's rows. */
export function isRotated(name: string): boolean {
  return /\.self_attn\.[qk]_proj\.(weight|bias)$/.test(name);
}
