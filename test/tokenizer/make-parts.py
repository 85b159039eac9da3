"""Asks `tokenizers` about parts of a tokenizer.json that people met in public: writes parts.json.

pip install tokenizers==0.23.3; python3 test/tokenizer/make-parts.py
"""

import copy
import json
import os

import tokenizers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

SENTENCES = ["The fog comes home from the sea.", "A gull sat on the wall by the harbour, and the wind turned."]
TEXTS = [
    "metasys $x+y=z^2 the boats",
    "the  wall\u00a0came",
    "a b  c\n\nd",
    "fog-lamp's 1234 ½ ٣ x²",
    "e\u0301te\u00e9 ﬁ Ⅳ ΑΣ",
    "<|end|>the<|end|> wind",
    "",
    " ",
    "😀 日本 the",
]
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]


def byte_level():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=280, special_tokens=["<|end|>"], initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(SENTENCES, trainer)
    return json.loads(tokenizer.to_str())


def pieces():
    """Llama 2's kind: BPE over pieces with ▁ for a space, and bytes for what is no piece."""
    letters = ["▁", "t", "h", "e", "b", "o", "a", "s", "▁t", "he", "▁the", "▁b", "▁▁"]
    special = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    steps = [
        {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
        {"type": "ByteFallback"},
        {"type": "Fuse"},
        {"type": "Strip", "content": " ", "start": 1, "stop": 0},
    ]
    return {
        "added_tokens": [{"id": 0, "content": "<unk>", **special}, {"id": 1, "content": "<s>", **special}],
        "pre_tokenizer": None,
        "decoder": {"type": "Sequence", "decoders": steps},
        "model": {
            "type": "BPE",
            "unk_token": "<unk>",
            "fuse_unk": True,
            "byte_fallback": True,
            "vocab": {token: i for i, token in enumerate(["<unk>", "<s>", *BYTES, *letters])},
            "merges": ["▁ t", "h e", "▁t he", "▁ b", "▁ ▁"],
        },
    }


def unigram(bytes, byte_fallback):
    vocab = [["<unk>", 0.0], ["a", -1.0], ["b", -1.5], ["ab", -1.2], *[[byte, -9.0] for byte in bytes]]
    return {
        "added_tokens": [],
        "pre_tokenizer": None,
        "decoder": {"type": "Sequence", "decoders": [{"type": "ByteFallback"}, {"type": "Fuse"}]},
        "model": {"type": "Unigram", "unk_id": 0, "vocab": vocab, "byte_fallback": byte_fallback},
    }


BASES = {
    "bytes": byte_level(),
    "pieces": pieces(),
    "all bytes": unigram(BYTES, True),
    "one byte": unigram(BYTES[10:11], True),
    "no bytes": unigram([], False),
}
PIECE_TEXTS = ["the bats", "<s>the <s> the boats<s>b", "  the", "the<s>  the", " ", "é the", "\nthe"]
UNIGRAM_TEXTS = ["a\nb", "a\n\nb", "é", "ab😀ba", "\u0000a"]
cases = []


def ask(name, base, texts, model=None, **parts):
    """Changes parts of the base, and keys of its model."""
    made = {"version": "1.0", **copy.deepcopy(BASES[base]), **parts}
    made["model"] = {key: value for key, value in {**made["model"], **(model or {})}.items() if value != "absent"}
    tokenizer = Tokenizer.from_str(json.dumps(made))
    # transformers calls them off unless it is asked for them.
    tokenizer.no_truncation()
    tokenizer.no_padding()
    ids = [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
    decoded = [tokenizer.decode(one, skip_special_tokens=False) for one in ids]
    case = {"name": name, "base": base, "parts": parts, "model": model or {}, "texts": texts}
    cases.append({**case, "ids": ids, "decoded": decoded})


def of_bytes(name, model=None, **parts):
    ask(name, "bytes", TEXTS, model, **parts)


def replace(regex, content):
    return {"type": "Replace", "pattern": {"Regex": regex}, "content": content}


of_bytes("Replace of symbols by nothing", normalizer=replace("\\p{S}", ""))
of_bytes("Replace of all but letters", normalizer=replace("[^A-Za-z0-9 ]", ""))
of_bytes("Replace of runs of spaces", normalizer=replace(" {2,}", " "))
of_bytes("Strip", normalizer={"type": "Strip", "strip_left": True, "strip_right": True})
of_bytes("Prepend", normalizer={"type": "Prepend", "prepend": "the "})
for kind in ["NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents"]:
    of_bytes(kind, normalizer={"type": kind})

byte_step = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}


def steps(*before, use_regex=False):
    return {"type": "Sequence", "pretokenizers": [*before, {**byte_step, "use_regex": use_regex}]}


def split(pattern, behavior="Isolated", kind="Regex"):
    return {"type": "Split", "pattern": {kind: pattern}, "behavior": behavior, "invert": False}


of_bytes("ByteLevel with a prefix space", pre_tokenizer={**byte_step, "add_prefix_space": True})
for individual in [True, False]:
    digits = {"type": "Digits", "individual_digits": individual}
    of_bytes(f"Digits, individual {individual}", pre_tokenizer=steps(digits, use_regex=True))
for behavior in ["Removed", "MergedWithNext", "MergedWithPrevious", "Contiguous"]:
    of_bytes(f"Split {behavior}", pre_tokenizer=steps(split(" ", behavior, "String")))
of_bytes("WhitespaceSplit", pre_tokenizer=steps({"type": "WhitespaceSplit"}))
of_bytes("Punctuation", pre_tokenizer=steps({"type": "Punctuation", "behavior": "Isolated"}))
words = "\\p{L}\\p{M}*(?: \\p{L}\\p{M}*)*"
of_bytes(
    "words with spaces between letters",
    pre_tokenizer=steps(split(f"(?i:'s|'t)|[^\\r\\n\\p{{L}}\\p{{N}}]?(?:{words})+|\\p{{N}}|\\s+(?!\\S)|\\s+|.")),
)
of_bytes(
    "several splits in a row",
    pre_tokenizer=steps(
        split("\\p{N}{1,3}"),
        split("[一-龥぀-ゟ゠-ヿ]+"),
        split("[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+"),
    ),
)

merges = BASES["bytes"]["model"]["merges"]
of_bytes("merges as texts", {"merges": [" ".join(pair) for pair in merges]})
of_bytes("merges with a line #version", {"merges": ["#version: 0.2", *[" ".join(pair) for pair in merges]]})
of_bytes("no type of the model", {"type": "absent"})
of_bytes("dropout of zero", {"dropout": 0.0})
of_bytes("empty affixes", {"continuing_subword_prefix": "", "end_of_word_suffix": ""})
of_bytes("tokens that no merge gives", {"ignore_merges": True, "merges": merges[3:]})
of_bytes("a merge twice", {"merges": [*merges, merges[0]]})
cut = {"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0}
of_bytes("truncation saved with the file", truncation=cut)
fill = {"strategy": {"Fixed": 12}, "direction": "Right", "pad_id": 0, "pad_type_id": 0, "pad_token": "<|end|>"}
of_bytes("padding saved with the file", padding=fill)

for scheme in ["always", "first", "never"]:
    for is_split in [True, False]:
        space = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": is_split}
        ask(f"Metaspace {scheme}, split {is_split}", "pieces", PIECE_TEXTS, pre_tokenizer=space)
spaces = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
prepend = {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, spaces]}
ask("Llama 2's normalizer", "pieces", PIECE_TEXTS, normalizer=prepend)
for fuse in [True, False]:
    ask(f"no bytes, unknown fused {fuse}", "pieces", ["é☃ the", "ab☃☃"], {"byte_fallback": False, "fuse_unk": fuse})
for base in ["all bytes", "one byte", "no bytes"]:
    ask(f"Unigram, {base}", base, UNIGRAM_TEXTS)

made = {"made_with": {"tokenizers": tokenizers.__version__}, "bases": BASES, "cases": cases}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "parts.json"), "w", encoding="utf-8") as file:
    json.dump(made, file, ensure_ascii=False, separators=(",", ":"))
    file.write("\n")
print(len(cases), "cases")
