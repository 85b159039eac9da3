import { StrataError } from "../../errors/strata-error.js";
import type { Tokenizer } from "../../tokenizer/tokenizer.js";
import { stripEnd } from "../../text/jinja/values/whitespace.js";

/** The part of a tokenizer that evaluations use. */
export type TextCodec = Pick<Tokenizer, "bosId" | "eosIds" | "encode" | "decode">;

/**
 * The token that serves as an empty context: BOS, or EOS if the tokenizer has no BOS.
 *
 * @throws StrataError if the tokenizer has neither
 */
export function prefixToken(tokenizer: TextCodec): number {
  const prefix = tokenizer.bosId ?? tokenizer.eosIds[0];
  if (prefix !== undefined) return prefix;
  throw new StrataError("EvaluationError", {
    where: "tokenizer",
    expected: "a BOS or EOS token, from which to predict the first token",
    got: "neither",
    hint: "Set bos_token or eos_token in tokenizer_config.json.",
  });
}

/** Tokenizes a prompt, with `prefix` in front unless it already starts with it. */
export function encodePrompt(tokenizer: TextCodec, text: string, prefix: readonly number[]): number[] {
  const ids = tokenizer.encode(text);
  return prefix.every((id, i) => ids[i] === id) ? ids : [...prefix, ...ids];
}

/**
 * Tokenizes a context and its continuation as lm-evaluation-harness does: trailing white space of the context moves to
 * the continuation, and both are tokenized as one text. The continuation is the tokens after as many as the context
 * alone has. An empty context becomes the prefix token.
 *
 * @throws StrataError if the continuation has no tokens
 */
export function encodePair(
  tokenizer: TextCodec,
  context: string,
  continuation: string,
  prefix: readonly number[],
): { readonly context: number[]; readonly continuation: number[] } {
  const kept = stripEnd(context);
  const moved = context.slice(kept.length) + continuation;
  const pair = kept === "" ? encodeAlone(tokenizer, moved) : encodeTogether(tokenizer, kept, moved, prefix);
  if (pair.continuation.length > 0) return pair;
  throw new StrataError("EvaluationError", {
    where: `the choice ${JSON.stringify(continuation)}`,
    expected: "at least one token",
    got: "none",
    hint: "Remove items with an empty choice.",
  });
}

function encodeTogether(tokenizer: TextCodec, context: string, continuation: string, prefix: readonly number[]) {
  const ids = encodePrompt(tokenizer, context, prefix);
  return { context: ids, continuation: encodePrompt(tokenizer, context + continuation, prefix).slice(ids.length) };
}

function encodeAlone(tokenizer: TextCodec, continuation: string) {
  const prefix = prefixToken(tokenizer);
  const ids = tokenizer.encode(continuation);
  return { context: [prefix], continuation: ids[0] === prefix ? ids.slice(1) : ids };
}
