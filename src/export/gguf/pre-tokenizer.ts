import { compilePattern, gpt2Pattern, llama3Pattern } from "../../tokenizer/split-pattern.js";
import type { TokenizerFile } from "../../tokenizer/tokenizer-file.js";
import { StrataError } from "../../tensor/errors.js";

/** How Qwen 2 cuts text: as Llama 3 does, but each digit alone. */
const qwen2Pattern = llama3Pattern.replace("\\p{N}{1,3}", "\\p{N}");

interface KnownWay {
  readonly name: string;
  readonly patterns: readonly string[];
  readonly ignoreMerges: boolean;
}

const known: readonly KnownWay[] = [
  { name: "llama-bpe", patterns: [llama3Pattern], ignoreMerges: true },
  { name: "dbrx", patterns: [llama3Pattern], ignoreMerges: false },
  { name: "gpt-2", patterns: [gpt2Pattern], ignoreMerges: false },
  { name: "qwen2", patterns: [qwen2Pattern], ignoreMerges: false },
  { name: "smollm", patterns: ["\\p{N}", gpt2Pattern], ignoreMerges: false },
];

/**
 * llama.cpp's name of the way in which text is cut; the name also says whether a piece that is a token is not merged.
 *
 * @throws StrataError for a way that it has no name for, or that is not in this table
 * @see llm_tokenizer_bpe in src/llama-vocab.cpp, https://github.com/ggml-org/llama.cpp
 */
export function preTokenizerName({ cuts, ignoreMerges }: TokenizerFile, where: string): string {
  const candidates = known.filter((way) => way.ignoreMerges === ignoreMerges);
  const sources = cuts.map(({ pattern }) => pattern.source);
  const compiled = (pattern: string) => compilePattern(pattern, where).source;
  const found = candidates.find(({ patterns }) => patterns.map(compiled).join("\n") === sources.join("\n"));
  if (found) return found.name;
  throw new StrataError("TokenizerError", {
    where: `${where} pre_tokenizer`,
    expected: `text cut as by ${candidates.map(({ name }) => name).join(", ")} of llama.cpp`,
    got: sources.join(", then ") || "text that is not cut",
    hint:
      "llama.cpp would cut text in another way, and the model would see other tokens. " +
      "Export it with llama.cpp's own converter if that knows this tokenizer.",
  });
}
