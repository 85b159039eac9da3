import { StrataError } from "../tensor/errors.js";
import type { AddedToken } from "./added-tokens.js";
import { fromLetters } from "./byte-letters.js";

/** The bytes that each token stands for, one after another: token i has those from starts[i] to starts[i + 1]. */
export interface TokenBytes {
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
}

export function listTokenBytes(vocabulary: ReadonlyMap<string, number>, added: readonly AddedToken[]): TokenBytes {
  const byId: Uint8Array[] = [];
  // A token with other characters than byte letters stands for itself; so does an added one.
  for (const [token, id] of vocabulary) byId[id] = fromLetters(token) ?? Buffer.from(token);
  for (const { id, content } of added) byId[id] = Buffer.from(content);
  const starts = new Uint32Array(byId.length + 1);
  for (let id = 0; id < byId.length; id++) starts[id + 1] = starts[id] + (byId[id]?.length ?? 0);
  const bytes = new Uint8Array(starts[byId.length]);
  byId.forEach((token, id) => bytes.set(token, starts[id]));
  return { bytes, starts };
}

/** @throws StrataError for an id outside the vocabulary */
export function bytesOf(id: number, { bytes, starts }: TokenBytes): Uint8Array {
  if (Number.isInteger(id) && id >= 0 && id + 1 < starts.length) return bytes.subarray(starts[id], starts[id + 1]);
  throw new StrataError("TokenizerError", {
    where: "decode",
    expected: `ids from 0 to ${starts.length - 2}`,
    got: String(id),
    hint: "The ids come from another tokenizer: use the one of the model's own folder.",
  });
}
