import { letterOfByte } from "./byte-letters.js";
import { unsupported } from "./tokenizer-error.js";

export interface BpeModel {
  /** Tokens in byte letters → ids. */
  readonly vocabulary: ReadonlyMap<string, number>;
  /** [left, right, result] ids, one merge after another. */
  readonly merges: Int32Array;
  /** Whether a piece that is a token itself becomes that token without merging. */
  readonly ignoreMerges: boolean;
}

/** The section `model` of a tokenizer.json. @throws StrataError if it is not over all 256 bytes, or has affixes */
export function parseModel(model: Readonly<Record<string, unknown>>, where: string): BpeModel {
  if (model.dropout) throw unsupported(`${where} model.dropout`, "none", model.dropout);
  for (const key of ["continuing_subword_prefix", "end_of_word_suffix"]) {
    if (model[key]) throw unsupported(`${where} model.${key}`, "none", model[key]);
  }
  const vocabulary = parseVocabulary(model.vocab, `${where} model.vocab`);
  const missing = letterOfByte.findIndex((letter) => !vocabulary.has(letter));
  if (missing >= 0) {
    const got = `no token ${JSON.stringify(letterOfByte[missing])} for byte ${missing}`;
    throw unsupported(`${where} model.vocab`, "a token for each of the 256 bytes", got);
  }
  return {
    vocabulary,
    merges: parseMerges(model.merges, vocabulary, `${where} model.merges`),
    ignoreMerges: model.ignore_merges === true,
  };
}

function parseVocabulary(value: unknown, where: string): Map<string, number> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw unsupported(where, "tokens with their ids", value);
  const vocabulary = new Map<string, number>(Object.entries(value));
  for (const [token, id] of vocabulary) {
    if (!Number.isInteger(id) || id < 0) throw unsupported(`${where}[${JSON.stringify(token)}]`, "an id", id);
  }
  return vocabulary;
}

/** Merges are lines `left right`, or pairs. */
function parseMerges(value: unknown, vocabulary: ReadonlyMap<string, number>, where: string): Int32Array {
  if (!Array.isArray(value)) throw unsupported(where, "a list of pairs", value);
  const merges = new Int32Array(3 * value.length);
  for (let i = 0; i < value.length; i++) {
    const parts: unknown = typeof value[i] === "string" ? value[i].split(" ") : value[i];
    if (!Array.isArray(parts) || parts.length !== 2) throw unsupported(`${where}[${i}]`, "two tokens", value[i]);
    for (const [j, token] of [parts[0], parts[1], `${parts[0]}${parts[1]}`].entries()) {
      const id = vocabulary.get(token);
      if (id === undefined) throw unsupported(`${where}[${i}]`, "tokens of the vocabulary", token);
      merges[3 * i + j] = id;
    }
  }
  return merges;
}
