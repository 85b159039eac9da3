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

export interface Rope {
  readonly ropeTheta: number;
  readonly ropeScaling: RopeScaling | null;
}

/** Features of other types that Strata does not implement. */
const missing: Readonly<Record<string, string>> = {
  dynamic: "frequencies that depend on the length of the text",
  yarn: "YaRN's frequency ramp and attention factor",
  longrope: "one factor per frequency and a second set of factors for long texts",
};

const defaultTheta = 10000;

/**
 * The rotary embedding as transformers 5 resolves it: `rope_scaling` counts unless it is empty, else `rope_parameters`;
 * a theta inside counts, else that of the top level. The other object is ignored, its theta too.
 *
 * @param config        parsed from a Hugging Face config.json
 * @param maxPositions  the original length of llama3 scaling if the configuration names none
 * @throws StrataError for a type or an option that Strata does not support, or a missing number
 * @see transformers, src/transformers/modeling_rope_utils.py, RotaryEmbeddingConfigMixin
 */
export function parseRope(config: Json, where: string, maxPositions: number): Rope {
  const key = ropeKey(config);
  const at = `${where} ${key}`;
  for (const name of new Set([key, "rope_parameters"])) {
    const members = config[name] ?? {};
    if (!isObject(members)) throw unsupported(`${where} ${name}`, "an object or null", members);
  }
  const rope = (config[key] ?? {}) as Json;
  refuseOptions(config, rope, where, at);
  const ropeTheta = "rope_theta" in rope || !("rope_theta" in config) ? rope.rope_theta : config.rope_theta;
  const thetaAt = "rope_theta" in rope ? `${at}.rope_theta` : `${where} rope_theta`;
  return {
    ropeTheta: positive(ropeTheta === undefined ? defaultTheta : ropeTheta, thetaAt),
    ropeScaling: parseScaling(config, rope, where, at, maxPositions),
  };
}

/** Null unless both keys have content, of which only `rope_scaling` counts. */
export function ropeNote(config: Json): string | null {
  if (ropeKey(config) !== "rope_scaling" || isEmpty(config.rope_parameters)) return null;
  return "config.json has rope_parameters and rope_scaling: rope_scaling counts, as in transformers 5";
}

function ropeKey(config: Json): "rope_scaling" | "rope_parameters" {
  return isEmpty(config.rope_scaling) ? "rope_parameters" : "rope_scaling";
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What Python takes for false. */
function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null ? Object.keys(value).length === 0 : !value;
}

function refuseOptions(config: Json, rope: Json, where: string, at: string): void {
  const nested = Object.entries(rope).find(([, value]) => isObject(value));
  if (nested) throw unsupported(`${at}.${nested[0]}`, "one set of rope parameters for all layers", nested[1]);
  const [partialAt, partial] =
    "partial_rotary_factor" in rope
      ? [`${at}.partial_rotary_factor`, rope.partial_rotary_factor]
      : [`${where} partial_rotary_factor`, config.partial_rotary_factor];
  if ((partial ?? 1) !== 1) throw unsupported(partialAt, "1", partial, "rotation of only a part of each head");
}

function parseScaling(config: Json, rope: Json, where: string, at: string, maxPositions: number): RopeScaling | null {
  const type = "rope_type" in rope ? rope.rope_type : "type" in rope ? rope.type : "default";
  const number = (key: string): number => positive(rope[key], `${at}.${key}`);
  if (type === "default") return null;
  if (type === "linear") return { kind: "linear", factor: number("factor") };
  if (type !== "llama3") {
    throw unsupported(`${at}.rope_type`, '"default", "linear" or "llama3"', type, missing[String(type)]);
  }
  const key = "original_max_position_embeddings";
  const inside = key in rope ? number(key) : maxPositions;
  return {
    kind: "llama3",
    factor: number("factor"),
    lowFrequencyFactor: number("low_freq_factor"),
    highFrequencyFactor: number("high_freq_factor"),
    // The top level overrides the object.
    originalPositions: key in config ? positive(config[key], `${where} ${key}`) : inside,
  };
}

function positive(value: unknown, where: string): number {
  if (typeof value === "number" && value > 0 && value < Infinity) return value;
  throw unsupported(where, "a positive number", value);
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
