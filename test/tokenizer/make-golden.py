"""Makes golden.json: merges that Hugging Face `tokenizers` learns from a small corpus, and the ids of texts.

Run in this folder: python3 make-golden.py   (pip install tokenizers; made with 0.23)
"""

import json

import tokenizers
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

# Many equal counts, words of one repeated character, and tokens that two merges give (abc from ab+c and from a+bc).
CORPUS = [
    "The cat sat on the mat. The cat's hat isn't that flat, THAT'S a fact!",
    "aaaa aaaaaaa aa aaa abc abcabc bcbc abab bc ab abc aabc abcc",
    "one two three four five six seven eight nine ten 1 12 123 1234 12345 3.14 2,000",
    "Äpfel, Öl und Übermut; naïve café. これは日本語です。 Привет, мир! 🦙🦙 👩‍👩‍👧",
    "  indented\n\n\n\tand  tabbed \r\n lines \n with   spaces   ",
    "she sells sea shells on the sea shore; the shells she sells are sea shells for sure",
]

TEXTS = CORPUS + [
    "",
    " ",
    "Hello world",
    "It'S I'LL we'Re 'ſ it'ſ K'K",
    "a\u0085b \ufeffc\u200b\u00a0\u3000 d\u2028\u2029e",
    "<|begin_of_text|>two<|end_of_text|> marks <|end_of_text",
    "½ ²³ Ⅷ １２３ ٣٤٥",
    "e\u0301 é ﬁ \u1100\u1161",
    "\r\n\r\n \r\n\t \n x",
    "\u0000\u0001\u007f",
    "abcabcaab" * 60,
    " " * 200 + "a" * 200,
]


def trained(size):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(LLAMA3), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=["<|begin_of_text|>", "<|end_of_text|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


def ids(tokenizer):
    return [tokenizer.encode(text, add_special_tokens=False).ids for text in TEXTS]


def gpt2_kind(tokenizer):
    """The same vocabulary with ByteLevel's built-in pattern."""
    copy = Tokenizer.from_str(tokenizer.to_str())
    copy.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    return copy


tokenizer = trained(320)
model = json.loads(tokenizer.to_str())["model"]
golden = {
    "made_with": f"tokenizers {tokenizers.__version__}",
    "corpus": CORPUS,
    "vocabulary_size": 320,
    "merges": model["merges"],
    "all_merges": len(json.loads(trained(100000).to_str())["model"]["merges"]),
    "texts": TEXTS,
    "ids": ids(tokenizer),
    "ids_gpt2_kind": ids(gpt2_kind(tokenizer)),
}
with open("golden.json", "w") as file:
    json.dump(golden, file, separators=(",", ":"))
    file.write("\n")
