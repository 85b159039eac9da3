import { StrataError } from "../../errors/strata-error.js";
import type { Tokenizer } from "../../tokenizer/tokenizer.js";
import { stripEnd } from "../task/python-text.js";

/** What the evaluations need of a tokenizer. */
export type TextCodec = Pick<Tokenizer, "bosId" | "eosIds" | "encode" | "decode">;

/**
 * The token that stands where there is no context: begin of text, or else end of text.
 *
 * @throws StrataError if the tokenizer has neither
 */
export function prefixToken(tokenizer: TextCodec): number {
  const prefix = tokenizer.bosId ?? tokenizer.eosIds[0];
  if (prefix !== undefined) return prefix;
  throw new StrataError("EvaluationError", {
    where: "tokenizer",
    expected: "a token for the begin or the end of a text, to predict the first token from",
    got: "neither",
    hint: "Set bos_token or eos_token in tokenizer_config.json.",
  });
}

/** The ids of a prompt, after the begin of text if `addBos`; a prompt that starts with it already is left so. */
export function encodePrompt(tokenizer: TextCodec, text: string, addBos: boolean): number[] {
  const ids = tokenizer.encode(text);
  return addBos && tokenizer.bosId !== null && ids[0] !== tokenizer.bosId ? [tokenizer.bosId, ...ids] : ids;
}

/**
 * Context and continuation as ids, in the harness's way: white space at the end of the context goes to the continuation,
 * both are encoded as one text, and the continuation is what exceeds the length of the context encoded alone. An empty
 * context becomes the prefix token.
 *
 * @throws StrataError if the continuation is left without tokens
 */
export function encodePair(
  tokenizer: TextCodec,
  context: string,
  continuation: string,
  addBos: boolean,
): { readonly context: number[]; readonly continuation: number[] } {
  const kept = stripEnd(context);
  const moved = context.slice(kept.length) + continuation;
  const pair = kept === "" ? encodeAlone(tokenizer, moved) : encodeTogether(tokenizer, kept, moved, addBos);
  if (pair.continuation.length > 0) return pair;
  throw new StrataError("EvaluationError", {
    where: `the choice ${JSON.stringify(continuation)}`,
    expected: "at least one token",
    got: "none",
    hint: "Leave out items with an empty choice.",
  });
}

function encodeTogether(tokenizer: TextCodec, context: string, continuation: string, addBos: boolean) {
  const ids = encodePrompt(tokenizer, context, addBos);
  return { context: ids, continuation: encodePrompt(tokenizer, context + continuation, addBos).slice(ids.length) };
}

function encodeAlone(tokenizer: TextCodec, continuation: string) {
  const prefix = prefixToken(tokenizer);
  const ids = tokenizer.encode(continuation);
  return { context: [prefix], continuation: ids[0] === prefix ? ids.slice(1) : ids };
}
