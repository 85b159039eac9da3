import { StrataError } from "../../errors/strata-error.js";

/** Members of a parsed JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/**
 * The refusal of a model that Strata does not compute.
 *
 * @param missing  what Strata lacks for it, where that is known
 */
export function unsupported(where: string, expected: string, got: unknown, missing?: string): StrataError {
  const reads = "Strata reads Llama, Mistral and Qwen2 models with default, linear or llama3 rope scaling.";
  return new StrataError("ModelError", {
    where,
    expected,
    got: JSON.stringify(got) ?? "nothing",
    hint: missing ? `What is missing: ${missing}. ${reads}` : reads,
  });
}
