/** What a tokenizer class of transformers assumes where tokenizer_config.json says nothing. */
export interface ClassDefaults {
  /** Token by key. */
  readonly named: Readonly<Record<string, string>>;
  /** Whether it puts BOS in front whatever the post-processor says. */
  readonly addsBos?: true;
  /** Whether named and extra tokens lose their flags. */
  readonly resetsFlags?: true;
}

const gpt2 = { named: { bos_token: "<|endoftext|>", eos_token: "<|endoftext|>", unk_token: "<|endoftext|>" } };
const llama = { bos_token: "<s>", eos_token: "</s>", unk_token: "<unk>" };

/** By `tokenizer_class` without `Fast`. @see transformers 5.24, src/transformers/models/NAME/tokenization_NAME.py */
const classes: Readonly<Record<string, ClassDefaults>> = {
  LlamaTokenizer: { named: llama },
  CodeLlamaTokenizer: { named: llama, addsBos: true },
  GPT2Tokenizer: gpt2,
  GPTNeoXTokenizer: gpt2,
  Qwen2Tokenizer: {
    named: { eos_token: "<|endoftext|>", unk_token: "<|endoftext|>", pad_token: "<|endoftext|>" },
    resetsFlags: true,
  },
  GemmaTokenizer: {
    named: { bos_token: "<bos>", eos_token: "<eos>", unk_token: "<unk>", pad_token: "<pad>", mask_token: "<mask>" },
  },
};

/** @param isByteLevel  whether a tokenizer.json is byte-level: for transformers it is then no LlamaTokenizer */
export function defaultsOf(tokenizerClass: string | null, isByteLevel: boolean): ClassDefaults {
  const name = tokenizerClass === "LlamaTokenizer" && isByteLevel ? null : tokenizerClass;
  return name !== null && Object.hasOwn(classes, name) ? classes[name] : { named: {} };
}
