import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileError, writeJsonAtomic } from "../../files/atomic-file.js";
import { StrataError } from "../../errors/strata-error.js";
import { mergesByScore } from "../../tokenizer/encode/merges-by-score.js";

/** Ids 0, 1 and 2 of every vocabulary of llama2.c, under SentencePiece's names; the file has line breaks around the last two. */
const marks = ["<unk>", "<s>", "</s>"];
const byteToken = /^<0x[0-9A-F]{2}>$/;

interface Piece {
  /** Spaces are `▁`. */
  readonly text: string;
  readonly score: number;
}

/**
 * Converts a vocabulary of llama2.c (an i32, then score (f32), length (i32) and bytes of each piece) into the tokenizer.json and
 * tokenizer_config.json of a model folder.
 *
 * @throws StrataError if the file is cut off or is none
 * @see https://github.com/karpathy/llama2.c
 */
export function importLlama2cVocabulary(path: string, folder: string): void {
  writeJsonAtomic(join(folder, "tokenizer.json"), formatVocabulary(readPieces(path)));
  writeJsonAtomic(join(folder, "tokenizer_config.json"), {
    tokenizer_class: "PreTrainedTokenizerFast",
    unk_token: marks[0],
    bos_token: marks[1],
    eos_token: marks[2],
    clean_up_tokenization_spaces: false,
  });
}

function readPieces(path: string): readonly Piece[] {
  let file: Buffer;
  try {
    file = readFileSync(path);
  } catch (error) {
    throw fileError(path, "read the vocabulary", error);
  }
  const pieces: Piece[] = [];
  for (let at = 4; at < file.length;) {
    const length = at + 8 <= file.length ? file.readInt32LE(at + 4) : -1;
    if (length < 0 || at + 8 + length > file.length) throw notWhole(path, `a break at byte ${at}`);
    const text = file.toString("utf8", at + 8, at + 8 + length).replaceAll(" ", "▁");
    pieces.push({ text: marks[pieces.length] ?? text, score: file.readFloatLE(at) });
    at += 8 + length;
  }
  if (pieces.length < marks.length) throw notWhole(path, `${pieces.length} pieces`);
  return pieces;
}

function notWhole(where: string, got: string): StrataError {
  return new StrataError("TokenizerError", {
    where,
    expected: "whole pieces of a vocabulary of llama2.c",
    got,
    hint: "Check that this is such a file, copied completely.",
  });
}

/** The form of Llama 2's file. */
function formatVocabulary(pieces: readonly Piece[]): object {
  const ordinary = new Map(
    pieces.flatMap(({ text }, id) => (id < marks.length || byteToken.test(text) ? [] : [[text, id] as const])),
  );
  const triples = mergesByScore(
    ordinary,
    pieces.map(({ score }) => score),
  );
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: marks.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "Prepend", prepend: "▁" },
        { type: "Replace", pattern: { String: " " }, content: "▁" },
      ],
    },
    pre_tokenizer: null,
    post_processor: {
      type: "TemplateProcessing",
      single: [{ SpecialToken: { id: marks[1], type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }],
      pair: [
        { SpecialToken: { id: marks[1], type_id: 0 } },
        { Sequence: { id: "A", type_id: 0 } },
        { Sequence: { id: "B", type_id: 1 } },
      ],
      special_tokens: { [marks[1]]: { id: marks[1], ids: [1], tokens: [marks[1]] } },
    },
    decoder: {
      type: "Sequence",
      decoders: [
        { type: "Replace", pattern: { String: "▁" }, content: " " },
        { type: "ByteFallback" },
        { type: "Fuse" },
        { type: "Strip", content: " ", start: 1, stop: 0 },
      ],
    },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: marks[0],
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
    },
  };
}
