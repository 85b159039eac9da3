import { join } from "node:path";
import { createFolder } from "../../files/create-folder.js";
import { writeJsonAtomic } from "../../files/atomic-file.js";
import { formatSpecialToken } from "./format-special-token.js";
import { llama3Pattern } from "./split-pattern.js";
import { bosToken, eosToken, type TrainedTokenizer } from "../train/train-tokenizer.js";

/** Writes tokenizer.json and tokenizer_config.json, which Hugging Face `tokenizers` and `transformers` load. */
export function writeTokenizer(folder: string, trained: TrainedTokenizer): void {
  createFolder(folder);
  writeJsonAtomic(join(folder, "tokenizer.json"), formatTokenizer(trained));
  writeJsonAtomic(join(folder, "tokenizer_config.json"), {
    tokenizer_class: "PreTrainedTokenizerFast",
    bos_token: bosToken,
    eos_token: eosToken,
    clean_up_tokenization_spaces: false,
  });
}

/** In the form of Llama 3's file: the post-processor adds BOS unless `add_special_tokens` is off. */
function formatTokenizer({ tokens, merges }: TrainedTokenizer): object {
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false };
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [bosToken, eosToken].map(formatSpecialToken),
    normalizer: null,
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { type: "Split", pattern: { Regex: llama3Pattern }, behavior: "Isolated", invert: false },
        byteLevel,
      ],
    },
    post_processor: formatPostProcessor(),
    decoder: byteLevel,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: merges.map(([left, right]) => [tokens[left], tokens[right]]),
    },
  };
}

/** Adds BOS before each text. */
function formatPostProcessor(): object {
  const bos = (type: number) => ({ SpecialToken: { id: bosToken, type_id: type } });
  const sequence = (id: string, type: number) => ({ Sequence: { id, type_id: type } });
  return {
    type: "TemplateProcessing",
    single: [bos(0), sequence("A", 0)],
    pair: [bos(0), sequence("A", 0), bos(1), sequence("B", 1)],
    special_tokens: { [bosToken]: { id: bosToken, ids: [0], tokens: [bosToken] } },
  };
}
