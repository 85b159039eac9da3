import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileError, writeJsonAtomic } from "../../files/atomic-file.js";
import { refuseLfsPointerFile } from "../../files/lfs-pointer.js";
import { StrataError } from "../../errors/strata-error.js";
import { mergesByScore } from "../../tokenizer/encode/merges-by-score.js";
import { formatSpecialToken } from "../../tokenizer/format/format-special-token.js";

/** Ids 0, 1 and 2 of a llama2.c vocabulary, as named by SentencePiece; the file has line breaks around BOS and EOS. */
const specialTokens = ["<unk>", "<s>", "</s>"];
const byteToken = /^<0x[0-9A-F]{2}>$/;

interface Piece {
  /** With `▁` for spaces. */
  readonly text: string;
  readonly score: number;
}

/**
 * Converts a llama2.c vocabulary to tokenizer.json and tokenizer_config.json in a model folder. The file has an i32,
 * then for each piece its score (f32), its length in bytes (i32) and its bytes.
 *
 * @throws StrataError if the file is truncated or not a vocabulary
 * @see https://github.com/karpathy/llama2.c
 */
export function importLlama2cVocabulary(path: string, folder: string): void {
  writeJsonAtomic(join(folder, "tokenizer.json"), formatVocabulary(readPieces(path)));
  writeJsonAtomic(join(folder, "tokenizer_config.json"), {
    tokenizer_class: "PreTrainedTokenizerFast",
    unk_token: specialTokens[0],
    bos_token: specialTokens[1],
    eos_token: specialTokens[2],
    clean_up_tokenization_spaces: false,
  });
}

function readPieces(path: string): readonly Piece[] {
  refuseLfsPointerFile(path);
  let file: Buffer;
  try {
    file = readFileSync(path);
  } catch (error) {
    throw fileError(path, "read the vocabulary", error);
  }
  const pieces: Piece[] = [];
  for (let at = 4; at < file.length;) {
    const length = at + 8 <= file.length ? file.readInt32LE(at + 4) : -1;
    if (length < 0 || at + 8 + length > file.length) throw incomplete(path, `an incomplete piece at byte ${at}`);
    const text = file.toString("utf8", at + 8, at + 8 + length).replaceAll(" ", "▁");
    pieces.push({ text: specialTokens[pieces.length] ?? text, score: file.readFloatLE(at) });
    at += 8 + length;
  }
  if (pieces.length < specialTokens.length) throw incomplete(path, `${pieces.length} pieces`);
  return pieces;
}

function incomplete(where: string, got: string): StrataError {
  return new StrataError("TokenizerError", {
    where,
    expected: "a complete llama2.c vocabulary",
    got,
    hint: "Check that this is a llama2.c vocabulary and that it was copied completely.",
  });
}

/** In the form of Llama 2's tokenizer.json. */
function formatVocabulary(pieces: readonly Piece[]): object {
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: specialTokens.map(formatSpecialToken),
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "Prepend", prepend: "▁" },
        { type: "Replace", pattern: { String: " " }, content: "▁" },
      ],
    },
    pre_tokenizer: null,
    post_processor: formatPostProcessor(specialTokens[1]),
    decoder: {
      type: "Sequence",
      decoders: [
        { type: "Replace", pattern: { String: "▁" }, content: " " },
        { type: "ByteFallback" },
        { type: "Fuse" },
        { type: "Strip", content: " ", start: 1, stop: 0 },
      ],
    },
    model: formatModel(pieces),
  };
}

/** Adds BOS before a text, and once before a pair. */
function formatPostProcessor(bosToken: string): object {
  const bos = { SpecialToken: { id: bosToken, type_id: 0 } };
  const first = { Sequence: { id: "A", type_id: 0 } };
  return {
    type: "TemplateProcessing",
    single: [bos, first],
    pair: [bos, first, { Sequence: { id: "B", type_id: 1 } }],
    special_tokens: { [bosToken]: { id: bosToken, ids: [1], tokens: [bosToken] } },
  };
}

function formatModel(pieces: readonly Piece[]): object {
  const normal = new Map(
    pieces.flatMap(({ text }, id) => (id < specialTokens.length || byteToken.test(text) ? [] : [[text, id] as const])),
  );
  const triples = mergesByScore(
    normal,
    pieces.map(({ score }) => score),
  );
  return {
    type: "BPE",
    dropout: null,
    unk_token: specialTokens[0],
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: true,
    byte_fallback: true,
    ignore_merges: false,
    vocab: Object.fromEntries(pieces.map(({ text }, id) => [text, id])),
    merges: Array.from({ length: triples.length / 3 }, (_, i) => [
      pieces[triples[3 * i]].text,
      pieces[triples[3 * i + 1]].text,
    ]),
  };
}
