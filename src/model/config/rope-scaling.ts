import { unsupported, type Json } from "./unsupported.js";

/** Scaling of Llama 3.1 and later: divides low frequencies by `factor`, keeps high ones, interpolates between. */
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

/** Features of other types that Strata does not implement. */
const missing: Readonly<Record<string, string>> = {
  dynamic: "frequencies that depend on the length of the text",
  yarn: "YaRN's frequency ramp and attention factor",
  longrope: "one factor per frequency and a second set of factors for long texts",
};

/**
 * The RoPE members of config.json: rope_parameters since transformers 5, rope_theta and rope_scaling before.
 *
 * @param config  parsed from a Hugging Face config.json
 */
export function ropeMembers(config: Json): Json {
  return (config.rope_parameters ?? config.rope_scaling ?? {}) as Json;
}

/** @param rope  from `ropeMembers` */
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
      "rotation of only a part of each head",
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

/** The value of rope_scaling in config.json. */
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
