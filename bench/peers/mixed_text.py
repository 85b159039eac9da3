"""Documents of all kinds, the same for every call.

Prose, code, CJK, emoji, Turkish, broken UTF-8, spaces, every assigned character.
"""

import gzip
import json
import os
import random
import sys
import unicodedata
from pathlib import Path

TURKISH = """İstanbul'un ışıkları gece boyunca sönmez; çocuklar ığdır ağacının gölgesinde öğle uykusuna yatar.
Şu köşedeki bakkal "IŞIK" yazan tabelâsını yeniletti: ILIK SÜT, üzüm ve çağla bulunur.
Değirmencinin oğlu Ömer dün Iğdır'a gitti.""".split()


def documents(files, size):
    """`size` characters in total, one sixth of each kind; then every assigned character."""
    rng = random.Random(7)
    kinds = [prose(files), code(), cjk(rng), pictures(rng), turkish(rng), broken(rng)]
    for kind in kinds:
        count = 0
        while count < size // len(kinds):
            text = next(kind)
            count += len(text)
            yield text
    yield from everything()


def prose(files):
    while True:
        for file in files:
            with (gzip.open if file.endswith(".gz") else open)(file, "rt", encoding="utf8") as lines:
                for line in lines:
                    yield json.loads(line)["text"]


def code():
    while True:
        for file in sorted(Path(os.__file__).parent.glob("*.py")):
            yield file.read_text(encoding="utf8", errors="replace")


def of_ranges(rng, ranges):
    low, high = rng.choice(ranges)
    return chr(rng.randint(low, high))


def cjk(rng):
    ranges = [(0x4E00, 0x9FFF)] * 4 + [(0x3041, 0x3096), (0x30A1, 0x30FA), (0xAC00, 0xD7A3), (0x20000, 0x2A6DF)]
    while True:
        words = ("".join(of_ranges(rng, ranges) for _ in range(rng.randint(1, 9))) for _ in range(200))
        yield "".join(word + rng.choice("，。、！？「」　 \n12a") for word in words)


def pictures(rng):
    ranges = [
        (0x1F600, 0x1F64F),
        (0x1F300, 0x1F5FF),
        (0x1F900, 0x1F9FF),
        (0x2600, 0x26FF),
        (0x1F1E6, 0x1F1FF),
        (0x1F3FB, 0x1F3FF),
    ]
    joints = ["", "\u200d", "\ufe0f", " ", "  ", "!", "ok", "\n\n", "\t", "e\u0301", "don't", "WE'LL", "ſ's", "1234567"]
    while True:
        yield "".join(of_ranges(rng, ranges) + rng.choice(joints) for _ in range(400))


def turkish(rng):
    while True:
        yield " ".join(rng.choice(TURKISH) for _ in range(300)) + "\n"


def broken(rng):
    marks = ["<s>", "</s>", "<unk>", "<|endoftext|>", "<|eot_id|>", "<|im_start|>", "<0x0A>", "▁", "▁▁", "<pad>"]
    while True:
        parts = []
        for _ in range(200):
            parts.append(rng.randbytes(rng.randint(1, 8)).decode("utf8", errors="replace"))
            parts.append(
                rng.choice(
                    [
                        " ",
                        "   ",
                        "\r\n",
                        "\t",
                        "\u00a0",
                        "\u2028",
                        "\u0085",
                        "\0",
                        "\ufeff",
                        "word",
                        "\ufffd",
                        rng.choice(marks),
                    ]
                )
            )
        yield "".join(parts)


def everything():
    """Every character that Python's Unicode data assigns, between letters and next to its neighbours."""
    known = [
        chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) not in ("Cn", "Cs", "Co")
    ]
    for at in range(0, len(known), 500):
        yield "".join(known[at : at + 500])
        yield "".join(f"a{character} {character}'s 1{character}" for character in known[at : at + 500])
