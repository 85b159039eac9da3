"""Tokens in files beside tokenizer.json, tokenizer.model or vocab.json and merges.txt, and flags that differ there."""

import copy, json, os
import answers, forward, tiny
from tiny import added

answers.begin(__file__, "added-tokens-beside-tokenizer")
TEXT = "<|user|> the fog<|done|>\n<|image|>[PAD] sea"
base = tiny.byte_bpe(276)
names = {"<|user|>": 276, "<|done|>": 277}
decoder = {"0": added("<|end|>"), "276": added("<|user|>"), "277": added("<|done|>")}
fast, gpt2 = (
    {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|end|>"},
    {"tokenizer_class": "GPT2Tokenizer", "bos_token": "<|end|>", "eos_token": "<|end|>", "unk_token": "<|end|>"},
)
llama = {
    "tokenizer_class": "LlamaTokenizer",
    "bos_token": "<s>",
    "eos_token": "</s>",
    "unk_token": "<unk>",
    "legacy": False,
    "add_bos_token": True,
    "add_eos_token": False,
}


def meant(*tokens):
    """The tokenizer.json that lists the same tokens itself."""
    made = copy.deepcopy(base)
    made["added_tokens"] += [added(content, 276 + i, **flags) for i, (content, flags) in enumerate(tokens)]
    return made


two, plain_two = (
    meant(("<|user|>", {}), ("<|done|>", {})),
    meant(("<|user|>", {"special": False, "normalized": True}), ("<|done|>", {"special": False, "normalized": True})),
)
cases = []


def ask(name, note, tokenizer=None, config=None, gpt2_files=False, as_if=None, text=TEXT, **files):
    tiny.write_folder(name, None, None, tokenizer, config, **files)
    if gpt2_files:
        tiny.write_gpt2_files(name, base)
    cases.append(
        {
            "name": name,
            "do": "encode",
            "note": note,
            "tokenizer": name,
            "text": text,
            "also": ["text", "end"],
            **({"second": answers.by_tokenizers(as_if)} if as_if else {}),
        }
    )


ask(
    "json-decoder",
    "added_tokens_decoder of tokenizer_config.json; one of them is the end of text.",
    base,
    {**fast, "eos_token": "<|done|>", "added_tokens_decoder": decoder},
    as_if=two,
)
ask("json-added", "added_tokens.json: tokens, but not special ones.", base, fast, as_if=plain_two, added_tokens=names)
ask(
    "json-additional",
    "additional_special_tokens get the next free ids.",
    base,
    {**fast, "additional_special_tokens": ["<|user|>", "<|done|>"]},
    as_if=two,
)
ask(
    "json-named-first",
    "Several at once: those with a name of their own (here pad_token) come first, then additional_special_tokens.",
    base,
    {**fast, "pad_token": "[PAD]", "additional_special_tokens": ["<|user|>", "<|done|>"]},
    as_if=meant(("[PAD]", {}), ("<|user|>", {}), ("<|done|>", {})),
)
ask(
    "json-extra",
    "extra_special_tokens, by name.",
    base,
    {**fast, "extra_special_tokens": {"image_token": "<|image|>"}},
    as_if=meant(("<|image|>", {})),
)
ask("json-pad", "pad_token that is nowhere else.", base, {**fast, "pad_token": "[PAD]"}, as_if=meant(("[PAD]", {})))
ask(
    "gpt2-added", "added_tokens.json beside vocab.json and merges.txt.", None, gpt2, True, plain_two, added_tokens=names
)
ask(
    "gpt2-decoder",
    "added_tokens_decoder beside vocab.json and merges.txt.",
    None,
    {**gpt2, "added_tokens_decoder": decoder},
    True,
    two,
)

size = tiny.sentencepiece_model("piece.model", 320)
marks = {
    "0": added("<unk>"),
    "1": added("<s>"),
    "2": added("</s>"),
    str(size): added("<|user|>"),
    str(size + 1): added("<|done|>"),
}
ask(
    "sentencepiece-added",
    "added_tokens.json beside tokenizer.model.",
    None,
    llama,
    added_tokens={"<|user|>": size, "<|done|>": size + 1},
)
ask(
    "sentencepiece-decoder",
    "added_tokens_decoder beside tokenizer.model; one of them is the end of text.",
    None,
    {**llama, "eos_token": "<|done|>", "added_tokens_decoder": marks},
)
for name in ("sentencepiece-added", "sentencepiece-decoder"):
    with open("piece.model", "rb") as file, open(f"{name}/tokenizer.model", "wb") as out:
        out.write(file.read())
os.remove("piece.model")

ask(
    "flags-special",
    "special in tokenizer_config.json, not in tokenizer.json: left out of text without specials.",
    meant(("<|user|>", {"special": False}), ("<|done|>", {"special": False})),
    {**fast, "added_tokens_decoder": decoder},
    as_if=two,
)
ask(
    "flags-rstrip",
    "rstrip in tokenizer_config.json, not in tokenizer.json: it takes the space behind it.",
    meant(("<|user|>", {})),
    {**fast, "added_tokens_decoder": {"0": decoder["0"], "276": added("<|user|>", rstrip=True)}},
    as_if=meant(("<|user|>", {"rstrip": True})),
)

cfg = tiny.config(278, num_hidden_layers=1, eos_token_id=277)
weights = tiny.weights(cfg)
template = "{% for m in messages %}{{ '<|user|>' if m.role == 'user' else '' }}{{ m.content }}<|done|>{% endfor %}"
tiny.write_folder(
    "chat", cfg, weights, base, {**fast, "eos_token": "<|done|>", "chat_template": template}, added_tokens=names
)
talks = [["Is the lamp lit?", "It isn't."], ["Who mends the nets?", "Mara."]]
tiny.write_text(
    "talks.jsonl",
    "".join(
        json.dumps({"messages": [{"role": "user", "content": a}, {"role": "assistant", "content": b}]}) + "\n"
        for a, b in talks
    ),
)


def by_hand(case):
    from tokenizers import Tokenizer

    plain, lengths, sum = Tokenizer.from_str(json.dumps(two)), 0, 0.0
    for a, b in talks:
        ids = plain.encode(f"<|user|>{a}<|done|>{b}<|done|>").ids
        lengths, sum = lengths + len(ids), sum - forward.log_likelihoods(weights, cfg, [277] + ids).sum()
    return {"predicted": lengths, "loss": sum / lengths}


cases.append(
    {
        "name": "chat",
        "do": "loss",
        "note": "A conversation is written with tokens of added_tokens.json: each is one token of the loss. The first is predicted from the end of text, as there is no begin.",
        "model": "chat",
        "file": "talks.jsonl",
        "as": {"messages": "messages"},
        "second": by_hand,
    }
)
answers.finish(
    "added-tokens-beside-tokenizer",
    "Tokens of added_tokens_decoder, added_tokens.json, additional_special_tokens, extra_special_tokens and the named *_token keys are tokens; where tokenizer_config.json and tokenizer.json disagree on flags, tokenizer_config.json counts.",
    cases,
)
