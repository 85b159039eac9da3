import { StrataError } from "../../errors/strata-error.js";

/** Members of a parsed JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/**
 * The error for a model that Strata does not support.
 *
 * @param missing  the feature that Strata does not implement, if known
 */
export function unsupported(where: string, expected: string, got: unknown, missing?: string): StrataError {
  const reads = "Strata reads Llama, Mistral and Qwen2 models with default, linear or llama3 rope scaling.";
  return new StrataError("ModelError", {
    where,
    expected,
    got: JSON.stringify(got) ?? "nothing",
    hint: missing ? `Not implemented: ${missing}. ${reads}` : reads,
  });
}
