import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { StrataError } from "../../errors/strata-error.js";
import type { AddedToken } from "../../tokenizer/encode/added-tokens.js";
import { gpt2FilesAsJson } from "../../tokenizer/format/gpt2-files.js";
import { mergesBeside, vocabularyFiles } from "../../tokenizer/format/read-tokenizer.js";
import { readJson } from "../../tokenizer/special-tokens.js";

export type Section = Readonly<Record<string, unknown>>;

/** The parts of a tokenizer.json that determine the metadata of a GGUF file. */
export interface TokenizerJson {
  readonly path: string;
  readonly vocabulary: ReadonlyMap<string, number>;
  readonly merges: readonly (readonly [left: string, right: string])[];
  readonly ignoreMerges: boolean;
  readonly byteFallback: boolean;
  readonly unknownToken: string | null;
  /** Those of files beside tokenizer.json included. */
  readonly addedTokens: readonly AddedToken[];
  /** The parts of a Sequence, or the single part. */
  readonly normalizers: readonly Section[];
  readonly preTokenizers: readonly Section[];
}

/**
 * Reads tokenizer.json, or vocab.json and merges.txt.
 *
 * @throws StrataError unless the model is BPE without affixes and dropout
 */
export function readTokenizerJson(folder: string): Omit<TokenizerJson, "addedTokens"> {
  const path = vocabularyFiles.map((name) => join(folder, name)).find(existsSync) ?? join(folder, "tokenizer.json");
  if (path.endsWith(".model")) throw unwritable(path, "a tokenizer.json, or vocab.json and merges.txt", basename(path));
  const [merges] = mergesBeside(basename(path));
  return partsOf(
    path,
    merges === undefined ? (readJson(path) as Section) : gpt2FilesAsJson(path, join(folder, merges)),
  );
}

function partsOf(path: string, json: Section): Omit<TokenizerJson, "addedTokens"> {
  const model = (json.model ?? {}) as Section;
  // Old files omit the type.
  if ((model.type ?? "BPE") !== "BPE") throw unwritable(`${path} model.type`, "BPE", String(model.type));
  for (const key of ["dropout", "continuing_subword_prefix", "end_of_word_suffix"]) {
    if (model[key]) throw unwritable(`${path} model.${key}`, "none", String(model[key]));
  }
  const merges = ((model.merges ?? []) as readonly (string | readonly [string, string])[])
    .filter((merge) => typeof merge !== "string" || !merge.startsWith("#version"))
    .map((merge) => (typeof merge === "string" ? (merge.split(" ") as [string, string]) : merge));
  return {
    path,
    vocabulary: new Map(Object.entries((model.vocab ?? {}) as Record<string, number>)),
    merges,
    ignoreMerges: model.ignore_merges === true,
    byteFallback: model.byte_fallback === true,
    unknownToken: (model.unk_token as string | null | undefined) ?? null,
    normalizers: parts(json.normalizer, "normalizers"),
    preTokenizers: parts(json.pre_tokenizer, "pretokenizers"),
  };
}

/** @param listed  the key under which a Sequence lists its parts */
function parts(value: unknown, listed: string): Section[] {
  if (typeof value !== "object" || value === null) return [];
  const part = value as Section;
  return part.type === "Sequence"
    ? (part[listed] as readonly unknown[]).flatMap((inner) => parts(inner, listed))
    : [part];
}

/** The error for a tokenizer that llama.cpp would interpret differently. */
export function unwritable(where: string, expected: string, got: string): StrataError {
  return new StrataError("TokenizerError", {
    where,
    expected,
    got,
    hint:
      "Strata exports the byte-level BPE of Llama 3, GPT-2, Qwen2 and SmolLM and the BPE of Llama 2 to GGUF. " +
      "Use llama.cpp's own converter if it supports this tokenizer, or save it in transformers, which writes a " +
      "tokenizer.json.",
  });
}
