"""merges.txt and vocab.json with CR LF, as a checkout on Windows leaves them; the header among the merges of tokenizer.json."""

import copy
import answers, tiny

answers.begin(__file__, "merges-crlf")
made, text = tiny.byte_bpe(290), "The old harbour is quiet, isn't it?\r\n"
config = {"tokenizer_class": "GPT2Tokenizer", "bos_token": "<|end|>", "eos_token": "<|end|>", "unk_token": "<|end|>"}
cases = []
notes = {
    "header": "vocab.json and merges.txt.",
    "no-header": "The same without the line #version: transformers 4 takes the first merge for it, transformers 5 does not.",
}
for name, how in (("header", {}), ("no-header", {"header": None})):
    tiny.write_folder(name, None, None, None, config)
    tiny.write_gpt2_files(name, made, ends="\r\n", **how)
    cases.append(
        {
            "name": name,
            "do": "encode",
            "note": notes[name],
            "tokenizer": name,
            "text": text,
            "second": answers.by_tokenizers(made),
        }
    )
listed = copy.deepcopy(made)
listed["model"]["merges"] = ["#version: 0.2"] + [" ".join(pair) for pair in made["model"]["merges"]]
tiny.write_folder(
    "in-tokenizer-json", None, None, listed, {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|end|>"}
)
cases.append(
    {
        "name": "in-tokenizer-json",
        "do": "encode",
        "tokenizer": "in-tokenizer-json",
        "text": text,
        "second": answers.by_tokenizers(made),
    }
)
answers.finish(
    "merges-crlf",
    "The same ids as with LF. An entry #version among the merges of tokenizer.json (their old form, as texts) is passed over.",
    cases,
)
