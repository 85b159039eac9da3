import { unsupported, type Json } from "./unsupported.js";

/** The frequencies of Llama 3.1 and later: low ones are divided by `factor`, high ones kept, those between blended. */
export interface Llama3RopeScaling {
  readonly kind: "llama3";
  readonly factor: number;
  readonly lowFrequencyFactor: number;
  readonly highFrequencyFactor: number;
  readonly originalPositions: number;
}

/** All frequencies are divided by `factor`. */
export interface LinearRopeScaling {
  readonly kind: "linear";
  readonly factor: number;
}

export type RopeScaling = LinearRopeScaling | Llama3RopeScaling;

/** What Strata lacks for other types. */
const missing: Readonly<Record<string, string>> = {
  dynamic: "frequencies that follow the length of the text",
  yarn: "YaRN's ramp between frequencies and its factor of attention",
  longrope: "a factor for each frequency and a second set for long texts",
};

/**
 * transformers 5 writes rope_parameters where 4 wrote rope_theta and rope_scaling.
 *
 * @param config  of a Hugging Face config.json
 */
export function ropeMembers(config: Json): Json {
  return (config.rope_parameters ?? config.rope_scaling ?? {}) as Json;
}

/** @param rope  what `ropeMembers` gives */
export function parseRopeScaling(rope: Json, where: string): RopeScaling | null {
  const nested = Object.entries(rope).find(([, value]) => typeof value === "object" && value !== null);
  if (nested)
    throw unsupported(`${where} rope_parameters.${nested[0]}`, "one set of rope parameters for all layers", nested[1]);
  const partial = rope.partial_rotary_factor ?? 1;
  if (partial !== 1)
    throw unsupported(
      `${where} rope_parameters.partial_rotary_factor`,
      "1",
      partial,
      "positions on a part of each head",
    );
  const type = rope.rope_type ?? rope.type ?? "default";
  if (type === "default") return null;
  const number = (key: string): number => {
    const value = rope[key];
    if (typeof value !== "number") throw unsupported(`${where} rope_scaling.${key}`, "a number", value);
    return value;
  };
  if (type === "linear") return { kind: "linear", factor: number("factor") };
  if (type !== "llama3") {
    throw unsupported(
      `${where} rope_scaling.rope_type`,
      '"default", "linear" or "llama3"',
      type,
      missing[String(type)],
    );
  }
  return {
    kind: "llama3",
    factor: number("factor"),
    lowFrequencyFactor: number("low_freq_factor"),
    highFrequencyFactor: number("high_freq_factor"),
    originalPositions: number("original_max_position_embeddings"),
  };
}

/** As rope_scaling of config.json. */
export function formatRopeScaling(scaling: RopeScaling | null): object | null {
  if (scaling === null) return null;
  if (scaling.kind === "linear") return { rope_type: "linear", factor: scaling.factor };
  return {
    rope_type: "llama3",
    factor: scaling.factor,
    low_freq_factor: scaling.lowFrequencyFactor,
    high_freq_factor: scaling.highFrequencyFactor,
    original_max_position_embeddings: scaling.originalPositions,
  };
}
