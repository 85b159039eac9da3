import { plainToken } from "../encode/added-tokens.js";
import { createBpe } from "../encode/bpe.js";
import { chainSteps, type Decoder } from "../decode/decoder.js";
import { decodeByteTokens, mapTokens, stripText } from "../decode/decoder-steps.js";
import type { EncodePreToken } from "../encode/encode-pre-token.js";
import { mergesByScore } from "../encode/merges-by-score.js";
import { unsupported } from "./tokenizer-error.js";
import { createUnigram } from "../encode/unigram.js";
import { splitBeforeSpaces } from "../encode/split-before-spaces.js";
import { lastField, readFields, type Field } from "./protobuf.js";
import { noSpecialTokens, noTokenizerJson, type ParsedTokenizer } from "./tokenizer-file.js";

/** Values of a piece's `type`. */
const kind = { normal: 1, unknown: 2, control: 3, userDefined: 4 } as const;

interface Piece {
  readonly text: string;
  readonly score: number;
  readonly type: number;
}

/** The parts of a SentencePiece model that affect ids. */
interface SentencePieceModel {
  readonly pieces: readonly Piece[];
  readonly vocabulary: ReadonlyMap<string, number>;
  /** The pieces of type NORMAL. */
  readonly normal: ReadonlyMap<string, number>;
  readonly isBpe: boolean;
  readonly byteFallback: boolean;
  readonly unknownId: number;
  readonly bosId: number;
  readonly eosId: number;
  readonly addsDummyPrefix: boolean;
}

/**
 * Parses a SentencePiece tokenizer.model, such as Llama 2's.
 *
 * @param prefixesAll  whether a space precedes the text after each added token too, not only the whole text
 * @throws StrataError if it is damaged, is neither BPE nor Unigram, or normalizes more than spaces
 * @see https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto
 */
export function parseSentencePiece(bytes: Uint8Array, where: string, prefixesAll: boolean): ParsedTokenizer {
  const model = readModel(bytes, where);
  const { pieces, vocabulary, addsDummyPrefix, bosId, eosId } = model;
  const added = pieces.flatMap(({ text, type }, id) =>
    type === kind.control || type === kind.userDefined ? [{ ...plainToken(text, type !== kind.userDefined), id }] : [],
  );
  const encodePreToken = model.isBpe ? bpeOf(model) : unigramOf(model);
  const split = splitBeforeSpaces(vocabulary);
  const file = {
    vocabulary,
    addedTokens: added,
    normalize: (text: string) => text.replaceAll(" ", "▁"),
    preTokenize(text: string, isStart: boolean) {
      const prefixed = addsDummyPrefix && (isStart || prefixesAll) ? `▁${text}` : text;
      return model.isBpe && split ? split(prefixed) : [prefixed];
    },
    scanPreToken: null,
    encodePreToken,
    specialTokens: noSpecialTokens,
    decoder: decoderOf(addsDummyPrefix),
  };
  const ids = { bos_token: bosId, eos_token: eosId, unk_token: model.unknownId };
  const named = Object.entries(ids).flatMap(([key, id]) => (pieces[id] ? [[key, pieces[id].text]] : []));
  return {
    file,
    named: Object.fromEntries(named),
    addsBos: false,
    searchesRawText: true,
    ...noTokenizerJson,
  };
}

function decoderOf(addsDummyPrefix: boolean): Decoder {
  return () =>
    chainSteps([
      mapTokens((token) => token.replaceAll("▁", " ")),
      decodeByteTokens(),
      ...(addsDummyPrefix ? [stripText(" ", 1, 0)] : []),
    ]);
}

function bpeOf({ pieces, vocabulary, normal, byteFallback, unknownId }: SentencePieceModel): EncodePreToken {
  const merges = Int32Array.from(
    mergesByScore(
      normal,
      pieces.map(({ score }) => score),
    ),
  );
  return createBpe({
    vocabulary,
    merges,
    isByteLevel: false,
    ignoreMerges: false,
    byteFallback,
    unknownId,
    fuseUnknown: true,
  });
}

function unigramOf({ pieces, vocabulary, normal, byteFallback, unknownId }: SentencePieceModel): EncodePreToken {
  return createUnigram({
    vocabulary,
    pieces: normal,
    scores: Float64Array.from(pieces, ({ score }) => score),
    unknownId,
    byteFallback,
  });
}

function readModel(bytes: Uint8Array, where: string): SentencePieceModel {
  try {
    return interpret(readFields(bytes), where);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw unsupported(where, "a SentencePiece model, or Llama 3's base64 lines", error.message);
  }
}

function interpret(fields: readonly Field[], where: string): SentencePieceModel {
  const [trainer, normalizer] = [2, 3].map((number) => readFields(asBytes(lastField(fields, number))));
  const number = (of: readonly Field[], at: number, absent: number): number => Number(lastField(of, at) ?? absent);
  const pieces = fields.filter((field) => field.number === 1).map(({ value }) => readPiece(readFields(asBytes(value))));
  if (pieces.length === 0) throw unsupported(where, "SentencePiece pieces", "none");
  const modelType = number(trainer, 3, 1);
  if (modelType !== 1 && modelType !== 2) throw unsupported(`${where} model_type`, "Unigram (1) or BPE (2)", modelType);
  if (asBytes(lastField(normalizer, 2)).length > 0) {
    throw unsupported(
      `${where} normalizer_spec`,
      "identity normalization",
      Buffer.from(asBytes(lastField(normalizer, 1))).toString(),
    );
  }
  if (number(normalizer, 4, 1) === 1) throw unsupported(`${where} remove_extra_whitespaces`, "false", true);
  return {
    pieces,
    vocabulary: new Map(pieces.map(({ text }, id) => [text, id])),
    normal: new Map(pieces.flatMap(({ text, type }, id) => (type === kind.normal ? [[text, id]] : []))),
    isBpe: modelType === 2,
    byteFallback: number(trainer, 35, 0) === 1,
    unknownId: number(trainer, 40, 0),
    bosId: number(trainer, 41, 1),
    eosId: number(trainer, 42, 2),
    addsDummyPrefix: number(normalizer, 3, 1) === 1,
  };
}

function readPiece(fields: readonly Field[]): Piece {
  const score = asBytes(lastField(fields, 2));
  return {
    text: Buffer.from(asBytes(lastField(fields, 1))).toString("utf8"),
    score: score.length === 4 ? new DataView(score.buffer, score.byteOffset).getFloat32(0, true) : 0,
    type: Number(lastField(fields, 3) ?? 1),
  };
}

function asBytes(value: number | Uint8Array | undefined): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}
