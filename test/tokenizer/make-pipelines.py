"""Makes pipelines.json: small tokenizers of all kinds with the ids and texts of Hugging Face `tokenizers`, and
SentencePiece models with those of SentencePiece.

python3 test/tokenizer/make-pipelines.py   (tokenizers 0.23.3, sentencepiece 0.2)
"""

import base64
import io
import json
from functools import cache
from pathlib import Path

import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

CORPUS = [
    "The lamp was lit, and the lamplighter's lamp was the last lamp of the lane.",
    "Don't ask 1234 questions; ask 12, or 3!  Then wait...\n\n\tfor (let i = 0; i < 10; i++) { total += i; }",
    "Çağla'nın ışığı söndü. İYİ AKŞAMLAR! Straße, naïve, café, ﬁne, Σίσυφος ΟΔΟΣ",
    "春眠不覺曉，處處聞啼鳥。 こんにちは世界 한국어",
]
TEXTS = [
    *CORPUS,
    "",
    " ",
    "   lamp",
    "lamp  ",
    "\n",
    "a\u0301 e\u0301 A\u030a",
    "ﬁ ½ ① Ⅷ x²",
    "😀 👩‍👩‍👧 🇹🇷",
    "<s>lamp</s>",
    " <s> the lamp </s> ",
    "[MASK]lamp [MASK] a[MASK]b",
    "the_lamp the-lamp",
    "ÇAĞLA ΣΟΦΟΣ İI",
    "▁▁lamp ▁",
    "\u00a0lamp\u2028lane\u0085",
    "日本日本",
    "lamp\x00lane\ufffd",
    "<0x41>",
    "x" * 70 + "lamp" * 20,
    "1,234.5 + 6^7 = $8`~|",
    "THE lamp The LAMP",
    "lampstead",
    "a lamp's lamplamp",
]


@cache
def trained_byte_level():
    """Vocabulary and merges that cross all boundaries, so that another pre-tokenizer gives other ids."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=400, show_progress=False, initial_alphabet=alphabet)
    tokenizer.train_from_iterator([piece for text in CORPUS for piece in (text, *text.split("l"))] * 3, trainer)
    return vocabulary_and_merges(tokenizer)


@cache
def trained_characters(byte_fallback):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    specials = ["<unk>", "<s>", "</s>", *([f"<0x{byte:02X}>" for byte in range(256)] if byte_fallback else [])]
    size = 400 if byte_fallback else 150
    tokenizer.train_from_iterator(
        CORPUS * 3,
        trainers.BpeTrainer(vocab_size=size, show_progress=False, special_tokens=specials, limit_alphabet=50),
    )
    return vocabulary_and_merges(tokenizer)


def vocabulary_and_merges(tokenizer):
    model = json.loads(tokenizer.to_str())["model"]
    return model["vocab"], [tuple(pair) for pair in model["merges"]]


def byte_level(steps=(), normalizer=None, post=None, prefix=False, use_regex=True, **model):
    tokenizer = Tokenizer(models.BPE(*trained_byte_level(), **model))
    tokenizer.normalizer = normalizer
    last = pre_tokenizers.ByteLevel(add_prefix_space=prefix, use_regex=use_regex)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([*steps, last]) if steps else last
    tokenizer.decoder = decoders.ByteLevel()
    if post:
        tokenizer.post_processor = post
    return tokenizer


def llama2(pre=None, normalizer="prepend", unknown="<unk>", byte_fallback=True, decoder=None, fuse=True):
    """BPE over characters, with ▁ for spaces and byte fallback."""
    normalizer = {
        "prepend": normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]),
        "replace": normalizers.Replace(" ", "▁"),
    }.get(normalizer, normalizer)
    tokenizer = Tokenizer(
        models.BPE(*trained_characters(byte_fallback), unk_token=unknown, byte_fallback=byte_fallback, fuse_unk=fuse)
    )
    tokenizer.normalizer = normalizer
    if pre:
        tokenizer.pre_tokenizer = pre
    tokenizer.add_special_tokens(["<unk>", "<s>", "</s>"])
    tokenizer.decoder = decoder or decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        special_tokens=[("<s>", tokenizer.token_to_id("<s>")), ("</s>", tokenizer.token_to_id("</s>"))],
    )
    return tokenizer


def keep_three_added(tokenizer):
    """Removes byte tokens from the added tokens: training adds them as special tokens, unlike in Llama 2's file."""
    content = json.loads(tokenizer.to_str())
    content["added_tokens"] = [token for token in content["added_tokens"] if not token["content"].startswith("<0x")]
    return Tokenizer.from_str(json.dumps(content))


def unigram(byte_fallback, scheme):
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme)
    specials = ["<unk>", *([f"<0x{byte:02X}>" for byte in range(256)] if byte_fallback else [])]
    trainer = trainers.UnigramTrainer(
        vocab_size=380 if byte_fallback else 150, unk_token="<unk>", special_tokens=specials, show_progress=False
    )
    tokenizer.train_from_iterator([text[:70] for text in CORPUS] * 3, trainer)
    content = json.loads(tokenizer.to_str())
    content["model"]["byte_fallback"] = byte_fallback
    tokenizer = Tokenizer.from_str(json.dumps(content))
    tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace(prepend_scheme=scheme)])
    return keep_three_added(tokenizer)


def with_added(tokenizer, *tokens):
    tokenizer.add_tokens(list(tokens))
    return tokenizer


def split(pattern, behavior, invert=False):
    return pre_tokenizers.Split(Regex(pattern), behavior, invert)


def pipelines():
    words = r"\p{L}+|\p{N}"
    yield "byte-level as GPT-2", byte_level()
    yield "byte-level with add_prefix_space", byte_level(prefix=True)
    yield (
        "byte-level after Digits and NFC",
        byte_level([pre_tokenizers.Digits(individual_digits=True)], normalizers.NFC()),
    )
    yield "contiguous digits, NFKC", byte_level([pre_tokenizers.Digits(individual_digits=False)], normalizers.NFKC())
    for behavior in ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]:
        for invert in [False, True]:
            yield f"split {behavior}, invert {invert}", byte_level([split(words, behavior, invert)], use_regex=False)
    yield "split of plain text", byte_level([pre_tokenizers.Split("la", "isolated")], use_regex=False)
    yield "empty matches", byte_level([split(r"(?=l)", "merged_with_next")], use_regex=False)
    yield "ignore_merges", byte_level(ignore_merges=True)
    yield "punctuation and NFD", byte_level([pre_tokenizers.Punctuation()], normalizers.NFD())
    yield "punctuation merged with previous", byte_level([pre_tokenizers.Punctuation("merged_with_previous")])
    yield "Whitespace, Lowercase", byte_level([pre_tokenizers.Whitespace()], normalizers.Lowercase())
    yield "WhitespaceSplit, NFKD", byte_level([pre_tokenizers.WhitespaceSplit()], normalizers.NFKD())
    yield (
        "BertPreTokenizer, StripAccents",
        byte_level(
            [pre_tokenizers.BertPreTokenizer()], normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents()])
        ),
    )
    yield "CharDelimiterSplit, Strip", byte_level([pre_tokenizers.CharDelimiterSplit("m")], normalizers.Strip())
    yield "Strip on the right", byte_level(normalizer=normalizers.Strip(left=False))
    yield "Replace with a Regex", byte_level(normalizer=normalizers.Replace(Regex(r"\s+"), " $1 "))
    yield "Llama 2", llama2()
    yield "Llama 2 without Prepend", llama2(normalizer="replace")
    yield "Llama 2 without byte fallback", llama2(byte_fallback=False)
    yield "Llama 2 without fuse_unk", llama2(byte_fallback=False, fuse=False)
    yield "Llama 2 without unk_token", llama2(byte_fallback=False, unknown=None)
    for scheme in ["always", "first", "never"]:
        metaspace = decoders.Metaspace(prepend_scheme=scheme)
        yield f"Metaspace {scheme}", llama2(pre_tokenizers.Metaspace(prepend_scheme=scheme), None, decoder=metaspace)
    yield "Metaspace without split", llama2(pre_tokenizers.Metaspace(split=False), None, decoder=decoders.Metaspace())
    yield (
        "Strip for each token",
        llama2(decoder=decoders.Sequence([decoders.Replace("▁", " "), decoders.Strip(" ", 1, 1)])),
    )
    yield (
        "Strip after Fuse",
        llama2(decoder=decoders.Sequence([decoders.Replace("▁", " "), decoders.Fuse(), decoders.Strip(" ", 2, 3)])),
    )
    yield (
        "Replace after Fuse",
        llama2(decoder=decoders.Sequence([decoders.Fuse(), decoders.Replace("p▁", "P ")])),
    )
    no_decoder = llama2()
    no_decoder.decoder = None
    yield "no decoder", no_decoder
    yield "Unigram", unigram(False, "always")
    yield "Unigram with byte fallback", unigram(True, "first")
    yield (
        "added tokens",
        with_added(
            byte_level(),
            AddedToken("[MASK]", lstrip=True, special=True, normalized=False),
            AddedToken("lamps", rstrip=True, normalized=False),
            AddedToken("lampstead", normalized=False),
            AddedToken("the", single_word=True, normalized=False),
            AddedToken("é", normalized=False),
            AddedToken(" <s>", normalized=False),
        ),
    )
    yield (
        "added tokens in normalized text",
        with_added(
            byte_level(normalizer=normalizers.Lowercase()),
            AddedToken("LAMP", normalized=True),
            AddedToken("</S>", normalized=True, rstrip=True, lstrip=True),
        ),
    )
    yield (
        "added tokens after Llama 2's",
        with_added(llama2(), AddedToken("lamp", normalized=True), AddedToken("[MASK]", normalized=False)),
    )
    roberta = byte_level()
    roberta.add_special_tokens(["<s>", "</s>"])
    roberta.post_processor = processors.RobertaProcessing(
        ("</s>", roberta.token_to_id("</s>")), ("<s>", roberta.token_to_id("<s>"))
    )
    yield "RobertaProcessing", roberta
    double = byte_level()
    double.add_special_tokens(["<s>", "</s>"])
    marks = [("<s>", double.token_to_id("<s>")), ("</s>", double.token_to_id("</s>"))]
    double.post_processor = processors.Sequence(
        [
            processors.ByteLevel(),
            processors.TemplateProcessing("<s> $A", special_tokens=marks),
            processors.TemplateProcessing("$A </s>", special_tokens=marks),
        ]
    )
    yield "several templates", double


# The distinct vocabularies, each with its merges.
MODELS = []


def describe(name, tokenizer):
    ids = [tokenizer.encode(text).ids for text in TEXTS]
    alone = [tokenizer.encode(text, add_special_tokens=False).ids for text in TEXTS]
    # Ids that no text encodes to, including incomplete characters.
    odd = list(range(0, tokenizer.get_vocab_size(), 3))
    texts = [decode(tokenizer, row, True) for row in ids]
    whole = [decode(tokenizer, row, False) for row in ids]
    content = json.loads(tokenizer.to_str())
    vocabulary = {key: content["model"].pop(key) for key in ["vocab", "merges"] if key in content["model"]}
    if vocabulary not in MODELS:
        MODELS.append(vocabulary)
    return {
        "name": name,
        "tokenizer": content,
        "model": MODELS.index(vocabulary),
        "ids": ids,
        "around": [[], []] if ids[0] == alone[0] else surroundings(ids[0], alone[0]),
        "texts": texts,
        "whole_texts": None if whole == texts else whole,
        "size": tokenizer.get_vocab_size(),
        "odd_text": decode(tokenizer, odd, False),
    }


def decode(tokenizer, ids, skip):
    """None where `tokenizers` panics, which its Strip does for a text of which nothing remains."""
    try:
        return tokenizer.decode(ids, skip_special_tokens=skip)
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            return None
        raise


def surroundings(ids, alone):
    at = next(i for i in range(len(ids)) if ids[i : i + len(alone)] == alone)
    return [ids[:at], ids[at + len(alone) :]]


def sentence_piece(kind, **options):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS * 3),
        model_writer=model,
        model_type=kind,
        vocab_size=410 if options.get("byte_fallback") else 150,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        hard_vocab_limit=False,
        minloglevel=2,
        **options,
    )
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    texts = [text for text in TEXTS if "<s>" not in text and "\0" not in text]
    return {
        "name": f"{kind} {options}",
        "model": base64.b64encode(model.getvalue()).decode(),
        "given": texts,
        "ids": [processor.encode(text) for text in texts],
        "texts": [processor.decode(processor.encode(text)) for text in texts],
    }


def main():
    golden = {
        "given": TEXTS,
        "models": MODELS,
        "pipelines": [describe(name, tokenizer) for name, tokenizer in pipelines()],
        "sentencepiece": [
            sentence_piece("bpe", byte_fallback=True),
            sentence_piece("bpe", byte_fallback=False, character_coverage=0.98),
            sentence_piece("unigram", byte_fallback=True, add_dummy_prefix=False),
            sentence_piece("unigram", byte_fallback=False, bos_id=-1),
        ],
    }
    Path(__file__).with_name("pipelines.json").write_text(
        json.dumps(golden, ensure_ascii=False, separators=(",", ":")), encoding="utf8"
    )


main()
