"""Compares the ids and texts of Strata with those of Hugging Face `tokenizers`, document by document.

python3 bench/peers/compare_tokenizers.py --size 12000000 --prose BOOKS.jsonl.gz TOKENIZER...

TOKENIZER is a folder with a tokenizer.json, Llama 3's tokenizer.model, or GPT-2's encoder.json and vocab.bpe.
Run `npm run bench -- --list` first: it compiles the script that runs Strata.
"""

import argparse
import array
import json
import subprocess
import tempfile
from pathlib import Path

from mixed_text import documents
from open_tokenizer import open_tokenizer


def compare(folder, texts, listed):
    tokenizer = open_tokenizer(folder)
    script = Path(__file__).parent.parent / "build/js/ours/encode-documents.js"
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run(["node", script, folder, listed, out.name], check=True)
        numbers = array.array("i", Path(out.name).read_bytes())
        decoded = Path(out.name + ".texts").read_text(encoding="utf8").split("\n")
        Path(out.name + ".texts").unlink()
    at = different = texts_different = count = 0
    for i, text in enumerate(texts):
        own = numbers[at + 1 : at + 1 + numbers[at]].tolist()
        at += 1 + numbers[at]
        ids = tokenizer.encode(text).ids
        count += len(ids)
        if own != ids:
            different += 1
            if different <= 3:
                show(tokenizer, text, own, ids)
        if json.loads(decoded[i]) != tokenizer.decode(own, skip_special_tokens=True):
            texts_different += 1
            if texts_different <= 3:
                print("  decoded", decoded[i][:200], json.dumps(tokenizer.decode(own))[:200])
    print(
        f"{folder.name:12} {count:10,} ids of {len(texts):,} documents; "
        f"documents with other ids {different}, with other text {texts_different}"
    )


def show(tokenizer, text, own, ids):
    first = next((i for i, pair in enumerate(zip(own, ids)) if pair[0] != pair[1]), min(len(own), len(ids)))
    print(f"  differ at id {first}: ours {own[first - 3 : first + 8]}, theirs {ids[first - 3 : first + 8]}")
    print(
        "  ",
        [tokenizer.id_to_token(i) for i in own[first - 3 : first + 8]],
        [tokenizer.id_to_token(i) for i in ids[first - 3 : first + 8]],
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=12_000_000)
    parser.add_argument("--prose", action="append", required=True)
    parser.add_argument("tokenizers", nargs="+", type=Path)
    options = parser.parse_args()
    texts = list(documents(options.prose, options.size))
    print(f"{sum(len(text.encode()) for text in texts) / 1e6:.1f} MB in {len(texts):,} documents")
    with tempfile.NamedTemporaryFile("w", encoding="utf8") as listed:
        for text in texts:
            listed.write(json.dumps(text) + "\n")
        listed.flush()
        for folder in options.tokenizers:
            compare(folder, texts, listed.name)


main()
