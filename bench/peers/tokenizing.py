"""Encodes documents, one part per call. Units are bytes of text.

Modes are the functions of `tokenizers`: encode (one document after another), batch, and batch-fast (without offsets).
"""

import json
import os
from pathlib import Path


def prepare(work):
    set_threads(work["tokenizerThreads"])
    from open_tokenizer import open_tokenizer

    tokenizer = open_tokenizer(Path(work["tokenizer"]))
    parts = [json.loads(line) for line in Path(work["texts"]).read_text(encoding="utf8").splitlines()]
    sizes = [sum(len(text.encode()) for text in part) for part in parts]
    encode = ways(tokenizer)[work["mode"]]
    calls = 0

    def run():
        nonlocal calls
        at = calls % len(parts)
        calls += 1
        encode(parts[at])
        return sizes[at]

    ids = [encoding.ids for encoding in encode(parts[0])]
    flat = [number for row in ids for number in row]
    return run, [len(flat), sum(flat), *flat[:: len(flat) // 50]]


def set_threads(count):
    """Must be called before `tokenizers` starts its threads."""
    os.environ["RAYON_NUM_THREADS"] = str(count)
    os.environ["TOKENIZERS_PARALLELISM"] = "true" if count > 1 else "false"


def ways(tokenizer):
    return {
        "encode": lambda texts: [tokenizer.encode(text, add_special_tokens=False) for text in texts],
        "batch": lambda texts: tokenizer.encode_batch(texts, add_special_tokens=False),
        "batch-fast": lambda texts: tokenizer.encode_batch_fast(texts, add_special_tokens=False),
    }
