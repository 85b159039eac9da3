import { createBpe } from "../encode/bpe.js";
import { bytesToUnicode } from "../encode/bytes-to-unicode.js";
import type { EncodePreToken } from "../encode/encode-pre-token.js";
import { unsupported } from "./tokenizer-error.js";
import { splitBeforeSpaces } from "../encode/split-before-spaces.js";
import { createUnigram } from "../encode/unigram.js";
import { list, section, type Section } from "./section.js";

export interface Model {
  readonly vocabulary: ReadonlyMap<string, number>;
  readonly encodePreToken: EncodePreToken;
  /** Splits pre-tokens further without changing their ids, for more cache hits; null if no such split is known. */
  readonly refine: ((preToken: string) => readonly string[]) | null;
}

/** Parses `model` of a tokenizer.json. @throws StrataError unless it is BPE without affixes and dropout, or Unigram */
export function parseModel(value: unknown, isByteLevel: boolean, where: string): Model {
  const model = section(value, where);
  switch (model.type ?? ("merges" in model ? "BPE" : undefined)) {
    case "BPE": // old files omit the type
      return parseBpe(model, isByteLevel, where);
    case "Unigram":
      if (isByteLevel) throw unsupported(`${where}.type`, "BPE with the pre-tokenizer ByteLevel", "Unigram");
      return parseUnigram(model, where);
    default:
      throw unsupported(`${where}.type`, "BPE or Unigram", model.type ?? null);
  }
}

function parseBpe(model: Section, isByteLevel: boolean, where: string): Model {
  for (const key of ["dropout", "continuing_subword_prefix", "end_of_word_suffix"]) {
    if (model[key]) throw unsupported(`${where}.${key}`, "none", model[key]);
  }
  const vocabulary = parseVocabulary(model.vocab, `${where}.vocab`);
  const unknown = model.unk_token ?? null;
  const unknownId = unknown === null ? null : vocabulary.get(unknown as string);
  // A byte-level tokenizer with all bytes knows every text; its file may name a token that is an added one only.
  const isNeeded = !isByteLevel || bytesToUnicode.some((character) => !vocabulary.has(character));
  if (unknownId === undefined && isNeeded)
    throw unsupported(`${where}.unk_token`, "a token of the vocabulary", unknown);
  const ignoreMerges = model.ignore_merges === true;
  const encodePreToken = createBpe({
    vocabulary,
    merges: parseMerges(model.merges, vocabulary, `${where}.merges`),
    isByteLevel,
    ignoreMerges,
    byteFallback: model.byte_fallback === true,
    unknownId: unknownId ?? null,
    fuseUnknown: model.fuse_unk === true,
  });
  return { vocabulary, encodePreToken, refine: isByteLevel || ignoreMerges ? null : splitBeforeSpaces(vocabulary) };
}

function parseVocabulary(value: unknown, where: string): Map<string, number> {
  const vocabulary = new Map<string, unknown>(Object.entries(section(value, where)));
  for (const [token, id] of vocabulary) {
    if (!Number.isInteger(id) || (id as number) < 0)
      throw unsupported(`${where}[${JSON.stringify(token)}]`, "an id", id);
  }
  return vocabulary as Map<string, number>;
}

/** Merges are strings `left right`, or pairs. */
function parseMerges(value: unknown, vocabulary: ReadonlyMap<string, number>, where: string): Int32Array {
  // Files made from a merges.txt may have its first line among them.
  const lines = list(value, where).filter((line) => typeof line !== "string" || !line.startsWith("#version"));
  const merges = new Int32Array(3 * lines.length);
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i];
    const parts: unknown = typeof line === "string" ? line.split(" ") : line;
    if (!Array.isArray(parts) || parts.length !== 2) throw unsupported(`${where}[${i}]`, "two tokens", line);
    for (const [j, token] of [parts[0], parts[1], `${parts[0]}${parts[1]}`].entries()) {
      const id = vocabulary.get(token);
      if (id === undefined) throw unsupported(`${where}[${i}]`, "tokens of the vocabulary", token);
      merges[3 * i + j] = id;
    }
  }
  return merges;
}

/** The vocabulary is a list of `[token, score]`. */
function parseUnigram(model: Section, where: string): Model {
  const entries = list(model.vocab, `${where}.vocab`);
  const vocabulary = new Map<string, number>();
  const scores = new Float64Array(entries.length);
  for (let id = 0; id < entries.length; id++) {
    const [token, score] = Array.isArray(entries[id]) ? (entries[id] as unknown[]) : [];
    if (typeof token !== "string" || typeof score !== "number")
      throw unsupported(`${where}.vocab[${id}]`, "a token and its score", entries[id]);
    vocabulary.set(token, id);
    scores[id] = score;
  }
  const unknownId = model.unk_id ?? null;
  if (unknownId !== null && !(Number.isInteger(unknownId) && (unknownId as number) < entries.length)) {
    throw unsupported(`${where}.unk_id`, "an id of the vocabulary", unknownId);
  }
  const byteFallback = model.byte_fallback === true;
  const encodePreToken = createUnigram({
    vocabulary,
    pieces: vocabulary,
    scores,
    unknownId: unknownId as number | null,
    byteFallback,
  });
  return { vocabulary, encodePreToken, refine: null };
}
