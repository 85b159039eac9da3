/** A layer's tensor: the stack that it belongs to, its number, and the rest of its name. */
export interface LayerName {
  /** `model.layers` */
  readonly stack: string;
  readonly index: number;
  /** `mlp.up_proj.weight` */
  readonly rest: string;
}

/** The layer of a tensor by the first number in its name, as in `transformer.h.3.mlp.c_fc.weight`; null without one. */
export function parseLayerName(name: string): LayerName | null {
  const [, stack, index, rest] = /^(.+?)\.(\d+)\.(.+)$/.exec(name) ?? [];
  return stack === undefined ? null : { stack, index: Number(index), rest };
}

export function formatLayerName({ stack, index, rest }: LayerName): string {
  return `${stack}.${index}.${rest}`;
}

/** Number of layers by stack: the highest index plus one. */
export function layerCounts(names: Iterable<string>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) {
    const layer = parseLayerName(name);
    if (layer !== null) counts.set(layer.stack, Math.max(counts.get(layer.stack) ?? 0, layer.index + 1));
  }
  return counts;
}

const head = /(^|\.)(lm_head|embed_out|output_layer|output)\.weight$/;
const embedding =
  /(^|\.)(embed_tokens|wte|word_embeddings|tok_embeddings|embed_in|embedding|embeddings|shared)\.weight$/;

/** Whether a tensor outside the layers predicts tokens: it may be tied to the embedding. */
export function isHead(name: string): boolean {
  return head.test(name);
}

/** The embedding of a model whose head is tied; null if its names do not tell. */
export function embeddingName(names: Iterable<string>): string | null {
  const found = [...names].filter((name) => embedding.test(name) && parseLayerName(name) === null);
  return found.length === 1 ? found[0] : null;
}

/** Whether the rows of a tensor are tokens. @param vocabulary  of the model's configuration, if known */
export function hasTokenRows(name: string, shape: readonly number[], vocabulary: unknown): boolean {
  if (shape.length !== 2 || parseLayerName(name) !== null) return false;
  return head.test(name) || embedding.test(name) || (shape[0] === vocabulary && name.endsWith(".weight"));
}

/** Whether a tensor outside the layers comes before them. */
export function isBeforeLayers(name: string): boolean {
  return !isHead(name) && /(^|[._])(emb|embd|embed|embeds|embedding|embeddings|wte|wpe)([._]|$)/.test(name);
}

const recomputed = [
  "rotary_emb.inv_freq",
  "rotary_pos_emb.inv_freq",
  ".attn.bias",
  ".attn.masked_bias",
  ".attention.bias",
  ".attention.masked_bias",
  "position_ids",
];

/** Tensors that programs compute themselves and old versions stored. */
export function isRecomputed(name: string): boolean {
  return recomputed.some((ending) => name.endsWith(ending));
}
