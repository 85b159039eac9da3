import { gpt2Pattern, llama3Pattern, qwenPattern } from "../../tokenizer/format/split-pattern.js";
import { unwritable, type Section, type TokenizerJson } from "./tokenizer-json.js";

const digit = "\\p{N}";

interface KnownPreTokenizer {
  readonly name: string;
  readonly patterns: readonly string[];
  readonly ignoreMerges: boolean;
}

const known: readonly KnownPreTokenizer[] = [
  { name: "llama-bpe", patterns: [llama3Pattern], ignoreMerges: true },
  { name: "dbrx", patterns: [llama3Pattern], ignoreMerges: false },
  { name: "gpt-2", patterns: [gpt2Pattern], ignoreMerges: false },
  { name: "qwen2", patterns: [qwenPattern], ignoreMerges: false },
  { name: "smollm", patterns: [digit, gpt2Pattern], ignoreMerges: false },
];

/**
 * llama.cpp's name of a pre-tokenizer; it also determines `ignore_merges`.
 *
 * @throws StrataError for a pre-tokenizer that is not in the table
 * @see llm_tokenizer_bpe in src/llama-vocab.cpp, https://github.com/ggml-org/llama.cpp
 */
export function preTokenizerName({ preTokenizers, ignoreMerges, path }: TokenizerJson): string {
  const candidates = known.filter((candidate) => candidate.ignoreMerges === ignoreMerges);
  const patterns = preTokenizers.flatMap(patternsOf);
  const found = candidates.find((candidate) => candidate.patterns.join("\n") === patterns.join("\n"));
  if (found) return found.name;
  const names = candidates.map(({ name }) => name).join(", ");
  throw unwritable(
    `${path} pre_tokenizer`,
    `a pre-tokenizer that llama.cpp supports: ${names}`,
    patterns.join(", then ") || "none",
  );
}

/** The patterns that a part isolates; its JSON if it does something else. */
function patternsOf(part: Section): readonly string[] {
  const { Regex: pattern } = (part.pattern ?? {}) as { readonly Regex?: string };
  const isolates =
    part.behavior === "Isolated" ? part.invert !== true : part.behavior === "Removed" && part.invert === true;
  if (part.type === "ByteLevel" && part.add_prefix_space !== true) return part.use_regex === false ? [] : [gpt2Pattern];
  if (part.type === "Digits" && part.individual_digits === true) return [digit];
  if (part.type === "Split" && pattern !== undefined && isolates) return [pattern];
  return [JSON.stringify(part)];
}
