"""Compares the ids and texts of Strata with those of Hugging Face `tokenizers`, document by document.

python3 bench/peers/compare_tokenizers.py --size 12000000 --prose BOOKS.jsonl.gz TOKENIZER...

TOKENIZER is a folder with a tokenizer.json, Llama 3's tokenizer.model, or GPT-2's encoder.json and vocab.bpe. `npm run bench -- --list`
compiles the other side.
"""

import argparse
import array
import base64
import json
import subprocess
import tempfile
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, processors

from mixed_text import documents

LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def open_peer(folder):
    if (folder / "tokenizer.json").exists():
        return Tokenizer.from_file(str(folder / "tokenizer.json"))
    if (folder / "tokenizer.model").exists():
        return open_llama3(folder / "tokenizer.model")
    lines = (folder / "vocab.bpe").read_text(encoding="utf8").split("\n")[1:]
    vocabulary = json.loads((folder / "encoder.json").read_text(encoding="utf8"))
    tokenizer = Tokenizer(models.BPE(vocabulary, [tuple(line.split(" ")) for line in lines if line]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["<|endoftext|>"])
    return tokenizer


def open_llama3(path):
    letters = byte_letters()
    tokens = [
        "".join(letters[byte] for byte in base64.b64decode(line.split()[0])) for line in path.read_text().splitlines() if line
    ]
    ids = {token: i for i, token in enumerate(tokens)}
    merges = []
    for token in tokens:
        ways = [(token[:at], token[at:]) for at in range(1, len(token)) if token[:at] in ids and token[at:] in ids]
        merges.extend(sorted(ways, key=lambda way: (ids[way[0]], ids[way[1]])))
    tokenizer = Tokenizer(models.BPE(ids, merges, ignore_merges=True))
    split = pre_tokenizers.Split(Regex(LLAMA3), "isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    names = ["begin_of_text", "end_of_text", "reserved_special_token_0", "reserved_special_token_1", "finetune_right_pad_id",
             "reserved_special_token_2", "start_header_id", "end_header_id", "eom_id", "eot_id", "python_tag"]
    names += [f"reserved_special_token_{i}" for i in range(3, 248)]
    tokenizer.add_special_tokens([AddedToken(f"<|{name}|>", normalized=False) for name in names])
    tokenizer.post_processor = processors.TemplateProcessing("<|begin_of_text|> $A", special_tokens=[("<|begin_of_text|>", 128000)])
    return tokenizer


def byte_letters():
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    aside = [byte for byte in range(256) if byte not in printable]
    return {**{byte: chr(byte) for byte in printable}, **{byte: chr(256 + i) for i, byte in enumerate(aside)}}


def compare(folder, texts, listed):
    tokenizer = open_peer(folder)
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
    print(f"{folder.name:12} {count:10,} ids of {len(texts):,} documents; documents with other ids {different}, with other text {texts_different}")


def show(tokenizer, text, own, ids):
    first = next((i for i, pair in enumerate(zip(own, ids)) if pair[0] != pair[1]), min(len(own), len(ids)))
    print(f"  differ at id {first}: ours {own[first - 3 : first + 8]}, theirs {ids[first - 3 : first + 8]}")
    print("  ", [tokenizer.id_to_token(i) for i in own[first - 3 : first + 8]], [tokenizer.id_to_token(i) for i in ids[first - 3 : first + 8]])


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
