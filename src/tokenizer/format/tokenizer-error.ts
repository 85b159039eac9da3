import { StrataError } from "../../errors/strata-error.js";

const supported =
  "Strata supports the tokenizers of Llama-type models, BPE and Unigram. Use a model with one of them, or train a " +
  "tokenizer with tokenizer.train in the recipe.";

/** The error for a tokenizer file that is not supported. */
export function unsupported(where: string, expected: string, got: unknown): StrataError {
  return new StrataError("TokenizerError", { where, expected, got: shown(got), hint: supported });
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
