import type { Family } from "./families.js";
import { unsupported, type Json } from "./unsupported.js";

/** Defaults of transformers. */
const defaults = { window: 4096, qwenFirstLayer: 28 };
const mixed = "sliding windows in only some layers";

/**
 * How many positions a position attends to at most in every layer, as transformers 5 reads it; null for no limit.
 * Mistral has one window for all layers, Qwen2 one from layer `max_window_layers` on. `layer_types`, a type for each
 * layer, overrides both. Llama has none and ignores the other members.
 *
 * @throws StrataError if only some layers have a window, or for other types of layers
 */
export function parseSlidingWindow(config: Json, family: Family, where: string): number | null {
  const types = parseLayerTypes(config, where);
  const used = family === "mistral" || (family === "qwen2" && usesWindow(config, where));
  const window = used ? parseWindow(config, where) : null;
  if (types !== null) return windowOfTypes(types, window, where);
  if (window === null || family === "mistral") return window;
  const { max_window_layers: first = defaults.qwenFirstLayer } = config;
  if (!Number.isInteger(first)) throw unsupported(`${where} max_window_layers`, "an integer", first);
  if (Number(first) >= Number(config.num_hidden_layers)) return null;
  if (Number(first) <= 0) return window;
  const expected = `0 or at least ${String(config.num_hidden_layers)}, the number of layers`;
  throw unsupported(`${where} max_window_layers`, expected, first, mixed);
}

function usesWindow({ use_sliding_window: uses = false }: Json, where: string): boolean {
  if (typeof uses === "boolean") return uses;
  throw unsupported(`${where} use_sliding_window`, "true or false", uses);
}

function parseWindow({ sliding_window: window = defaults.window }: Json, where: string): number | null {
  if (window === null || (Number.isInteger(window) && Number(window) > 0)) return window as number | null;
  throw unsupported(`${where} sliding_window`, "null or a positive integer", window);
}

/** Null without `layer_types`. */
function parseLayerTypes(config: Json, where: string): readonly unknown[] | null {
  const { layer_types: types = null, num_hidden_layers: layers } = config;
  if (types === null) return null;
  if (Array.isArray(types) && types.length === layers) return types;
  throw unsupported(`${where} layer_types`, `a list with a type for each of ${String(layers)} layers`, types);
}

function windowOfTypes(types: readonly unknown[], window: number | null, where: string): number | null {
  // "attention" is the name in transformers 4.
  const limited = types.filter((type) => type !== "full_attention" && type !== "attention");
  if (limited.length === 0) return null;
  const other = limited.find((type) => type !== "sliding_attention");
  if (window !== null && other === undefined && limited.length === types.length) return window;
  const expected = window === null ? '"full_attention" for all layers' : "one type of attention for all layers";
  const feature = other === undefined && window !== null ? mixed : "layers of different types";
  throw unsupported(`${where} layer_types`, expected, other ?? "sliding_attention", feature);
}
