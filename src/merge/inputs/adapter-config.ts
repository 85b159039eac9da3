import { existsSync } from "node:fs";
import { join } from "node:path";
import { mergeError, shownValue } from "../merge-error.js";
import { readText } from "../../files/read-text.js";

/** What a LoRA adapter says of its matrices. */
export interface AdapterConfig {
  /** Of a module: the factor of B · A. */
  scaleOf(module: string): number;
  /** Whether weights are stored as [inputs, outputs], as in GPT-2. */
  readonly isTransposed: boolean;
}

/** Members of adapter_config.json under which a LoRA is not W + scale · B · A, and the values that they may have. */
const plain: Readonly<Record<string, readonly unknown[]>> = {
  use_dora: [false],
  lora_bias: [false],
  layer_replication: [],
  target_parameters: [],
  trainable_token_indices: [],
  alora_invocation_tokens: [],
  use_qalora: [false],
  init_lora_weights: [true, false, "gaussian", "eva", "orthogonal", "loftq_none"],
};

/** Reads adapter_config.json of PEFT. @throws StrataError for an adapter of another kind, naming the member */
export function readAdapterConfig(folder: string): AdapterConfig {
  const path = join(folder, "adapter_config.json");
  const config = readObject(path);
  const { peft_type: type } = config;
  const hint =
    "Only plain LoRA adapters are added. Merge this one with PEFT (merge_and_unload) and name the result as the model.";
  if (type !== "LORA") throw mergeError(`${path} peft_type`, "LORA", shownValue(type), hint);
  for (const [member, allowed] of Object.entries(plain)) {
    const value = config[member];
    const isEmpty =
      value === undefined || value === null || (typeof value === "object" && Object.keys(value).length === 0);
    if (!isEmpty && !allowed.includes(value)) {
      throw mergeError(`${path} ${member}`, "an adapter without it", shownValue(value), hint);
    }
  }
  const rank = numberOf(path, config, "r", null);
  const alpha = numberOf(path, config, "lora_alpha", 8);
  const ranks = patternOf(path, config, "rank_pattern");
  const alphas = patternOf(path, config, "alpha_pattern");
  const isStabilized = config["use_rslora"] === true;
  return {
    isTransposed: config["fan_in_fan_out"] === true,
    scaleOf(module) {
      const [ownRank, ownAlpha] = [matching(ranks, module) ?? rank, matching(alphas, module) ?? alpha];
      return ownAlpha / (isStabilized ? Math.sqrt(ownRank) : ownRank);
    },
  };
}

function readObject(path: string): Readonly<Record<string, unknown>> {
  if (!existsSync(path))
    throw mergeError(path, "the configuration of an adapter", "no such file", "Check the path after the +.");
  const hint = "The file is damaged: copy it again from its source.";
  try {
    const value: unknown = JSON.parse(readText(path));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (error) {
    throw mergeError(path, "JSON", (error as Error).message, hint, error);
  }
  throw mergeError(path, "a JSON object", "another value", hint);
}

function numberOf(
  path: string,
  config: Readonly<Record<string, unknown>>,
  member: string,
  otherwise: number | null,
): number {
  const value = config[member] ?? otherwise;
  if (typeof value === "number" && value > 0) return value;
  throw mergeError(`${path} ${member}`, "a number above 0", shownValue(value), "Check the adapter.");
}

type Patterns = readonly (readonly [RegExp, number])[];

/** As in PEFT: a pattern matches the end of a module's name, after a dot or as a whole. */
function patternOf(path: string, config: Readonly<Record<string, unknown>>, member: string): Patterns {
  return Object.entries((config[member] ?? {}) as Record<string, unknown>).map(([pattern, value]) => {
    try {
      if (typeof value === "number" && value > 0) return [new RegExp(`^(?:.*\\.)?(?:${pattern})$`), value] as const;
    } catch (error) {
      throw mergeError(
        `${path} ${member}`,
        "regular expressions",
        JSON.stringify(pattern),
        "Check the adapter.",
        error,
      );
    }
    throw mergeError(`${path} ${member}.${pattern}`, "a number above 0", shownValue(value), "Check the adapter.");
  });
}

function matching(patterns: Patterns, module: string): number | undefined {
  return patterns.find(([pattern]) => pattern.test(module))?.[1];
}
