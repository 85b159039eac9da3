import { StrataError } from "../../errors/strata-error.js";

const supported =
  "Strata reads the tokenizers of Llama-type models: BPE and Unigram. Use a model with such a one, or train one: tokenizer.train in the recipe.";

/** A tokenizer file that is not of a kind this program reads. */
export function unsupported(where: string, expected: string, got: unknown): StrataError {
  return new StrataError("TokenizerError", { where, expected, got: shown(got), hint: supported });
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
