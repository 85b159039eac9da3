"""Asks transformers about tokens beside a vocabulary, in random combinations of files: writes tokens-beside.json.

pip install transformers==5.24.0 tokenizers==0.23.3; python3 test/tokenizer/make-tokens-beside.py
"""

import copy
import json
import os
import random
import tempfile

import tokenizers
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

transformers.logging.set_verbosity_error()
draw = random.Random(5)

SENTENCES = ["The fog comes home from the sea.", "A gull sat on the wall by the harbour, and the wind turned."]
CONTENTS = ["<|user|>", "<|done|>", "<|image|>", "[PAD]", "<x>", "fog", "<|end|>", "<|begin|>", " a", "<s>", "</s>"]
TEXTS = [
    "<|user|> the fog<|done|>\n<|image|>[PAD] sea<x>",
    "a <|end|> b<|begin|>fog <s> the home</s>",
    "<|user|>\n\n <|user|> <|user|> a",
]


def base(specials):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=270, special_tokens=specials, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(SENTENCES, trainer)
    return json.loads(tokenizer.to_str())


BASES = [base(["<|end|>"]), base(["<|begin|>", "<|end|>"])]


def entry(content, special=None):
    flags = {key: draw.random() < 0.25 for key in ("lstrip", "rstrip", "single_word", "normalized")}
    return {"content": content, **flags, "special": draw.random() < 0.5 if special is None else special}


def token(content):
    return content if draw.random() < 0.7 else {"__type": "AddedToken", **entry(content)}


def template(name, id):
    piece = {"SpecialToken": {"id": name, "type_id": 0}}
    text = [{"Sequence": {"id": letter, "type_id": 0}} for letter in "AB"]
    tokens = {name: {"id": name, "ids": [id], "tokens": [name]}}
    return {"type": "TemplateProcessing", "single": [piece, text[0]], "pair": [piece, *text], "special_tokens": tokens}


def tokenizer_json(made):
    """What differs from the base: added tokens, post-processor and normalizer."""
    own = copy.deepcopy(made["added_tokens"])
    for content in draw.sample(CONTENTS[:8], draw.randint(0, 3)):
        if content not in [one["content"] for one in own]:
            own.append({"id": 270 + len(own) - len(made["added_tokens"]), **entry(content)})
    first = made["added_tokens"][0]
    bos = template(first["content"], first["id"])
    bytes = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False, "use_regex": True}
    after = draw.choice([None, bos, bytes, {"type": "Sequence", "processors": [bytes, bos]}])
    normalizer = draw.choice([None, None, {"type": "NFC"}, {"type": "Lowercase"}])
    return {"added_tokens": own, "post_processor": after, "normalizer": normalizer}


def beside(is_json):
    """tokenizer_config.json, special_tokens_map.json and added_tokens.json."""
    kinds = (
        ["PreTrainedTokenizerFast", "TokenizersBackend", None] if is_json else ["GPT2Tokenizer", "Qwen2TokenizerFast"]
    )
    kind = draw.choice(kinds)
    config = {} if kind is None else {"tokenizer_class": kind}
    if draw.random() < 0.5:
        config["add_bos_token"] = draw.random() < 0.5
    if draw.random() < 0.3:
        config["add_eos_token"] = draw.random() < 0.5
    named = {
        "eos_token": (["<|end|>", "<|done|>", "</s>"], 0.7),
        "bos_token": (["<|begin|>", "<|end|>", "<s>", "<|user|>"], 0.7),
        "unk_token": (["<|end|>"], 0.2),
        "pad_token": (["[PAD]", "<|end|>", "<|image|>"], 0.3),
        "image_token": (["<|image|>"], 0.1),
    }
    for key, (contents, share) in named.items():
        # Without them, the class names tokens that the vocabulary lacks.
        if draw.random() < share or (not is_json and key in ("eos_token", "bos_token", "unk_token")):
            config[key] = token(draw.choice(contents))
    if draw.random() < 0.35:
        listed = draw.sample(CONTENTS, draw.randint(1, 4))
        config["added_tokens_decoder"] = {str(270 + i): entry(content) for i, content in enumerate(listed)}
    if draw.random() < 0.25:
        config["additional_special_tokens"] = [token(one) for one in draw.sample(CONTENTS[:5], draw.randint(1, 2))]
    elif draw.random() < 0.2:
        config["extra_special_tokens"] = draw.choice([{"boi": "<x>"}, ["<|image|>", "<x>"]])
    files = {"tokenizer_config.json": config}
    if draw.random() < 0.3:
        keys = [key for key in ("bos_token", "eos_token", "pad_token") if draw.random() < 0.5]
        files["special_tokens_map.json"] = {key: draw.choice(["<|user|>", "<|done|>", "<|end|>"]) for key in keys}
    # Ids that tokenizer.json writes too would contradict it.
    if draw.random() < 0.3:
        files["added_tokens.json"] = {content: 280 + i for i, content in enumerate(draw.sample(CONTENTS, 2))}
    return files


def beside_more(is_json):
    """As `beside`, with objects that leave flags out, and lists in both files."""
    files = beside(is_json)
    config = files["tokenizer_config.json"]
    del_some = lambda token: {
        key: value
        for key, value in token.items()
        if key not in ("special", "normalized") or draw.random() < 0.5
    }
    for key, value in config.items():
        if key.endswith("_token") and isinstance(value, dict):
            config[key] = del_some(value)
    config.pop("added_tokens_decoder", None)
    if draw.random() < 0.5:
        config["extra_special_tokens"] = draw.choice([[], {}, [{"__type": "AddedToken", "content": "<x>"}]])
    tokens_map = files.setdefault("special_tokens_map.json", {})
    tokens_map["additional_special_tokens"] = draw.sample(CONTENTS[:5], 2)
    if draw.random() < 0.5:
        tokens_map["pad_token"] = del_some(entry("[PAD]"))
    listed = draw.sample(CONTENTS, 3)
    files["added_tokens.json"] = {content: draw.choice([268, 271, 280]) + i for i, content in enumerate(listed)}
    return files


def ask(case):
    made = {**BASES[case["base"]], **(case["tokenizer.json"] or {})}
    with tempfile.TemporaryDirectory() as folder:

        def write(name, content):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(content if isinstance(content, str) else json.dumps(content))

        for name, content in case["files"].items():
            write(name, content)
        if case["tokenizer.json"]:
            write("tokenizer.json", made)
        else:
            write("vocab.json", made["model"]["vocab"])
            write("merges.txt", "#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in made["model"]["merges"]))
        write("config.json", {"model_type": "llama"})
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    ids = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in TEXTS]
    return {
        "ids": ids,
        "whole": tokenizer(TEXTS[0])["input_ids"],
        "texts": [tokenizer.decode(one, skip_special_tokens=True) for one in ids],
        "bos": tokenizer.bos_token_id,
        "eos": tokenizer.eos_token_id,
    }


cases = []
for i in range(150):
    is_json = draw.random() < 0.75
    at = draw.randrange(2)
    case = {"base": at, "tokenizer.json": tokenizer_json(BASES[at]) if is_json else None, "files": beside(is_json)}
    cases.append({**case, "expected": ask(case)})

for i in range(60):
    is_json = draw.random() < 0.75
    at = draw.randrange(2)
    more = beside_more(is_json)
    case = {"base": at, "tokenizer.json": tokenizer_json(BASES[at]) if is_json else None, "files": more}
    cases.append({**case, "expected": ask(case)})

versions = {"transformers": transformers.__version__, "tokenizers": tokenizers.__version__}
made = {"made_with": versions, "texts": TEXTS, "bases": BASES, "cases": cases}
with open(
    os.path.join(os.path.dirname(os.path.abspath(__file__)), "tokens-beside.json"), "w", encoding="utf-8"
) as file:
    json.dump(made, file, ensure_ascii=False, separators=(",", ":"))
    file.write("\n")
