"""Git LFS pointers in place of data, weights or tokenizer."""

import hashlib
import answers, tiny

answers.begin(__file__, "lfs-pointer")


def pointer(name, size):
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{hashlib.sha256(name.encode()).hexdigest()}\nsize {size}\n"


made, config = tiny.byte_bpe(276), {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|end|>"}
cfg = tiny.config(276, num_hidden_layers=1)
weights = tiny.weights(cfg)
cases = []
SAYS = ["git[ -]?lfs(?![.\\w])|lfs pointer"]
for name in (
    "stories.txt",
    "stories.jsonl",
    "stories.json",
    "stories.csv",
    "stories.parquet",
    "stories.jsonl.gz",
    "stories.jsonl.zst",
):
    tiny.write_text(name, pointer(name, 123456789))
    cases.append(
        {
            "name": name,
            "do": "refuse",
            "train": {"model": "../any-model", "files": [name]},
            "says": SAYS + [name.replace(".", "\\.")],
        }
    )
tiny.write_folder("weights", cfg, None, made, config)
tiny.write_text("weights/model.safetensors", pointer("weights", 2200119864))
tiny.write_folder("tokenizer", cfg, weights, None, config)
tiny.write_text("tokenizer/tokenizer.json", pointer("tokenizer", 9085698))
tiny.write_folder("sentencepiece", cfg, weights, None, config)
tiny.write_text("sentencepiece/tokenizer.model", pointer("model", 499723))
for name, file in (
    ("weights", "model.safetensors"),
    ("tokenizer", "tokenizer.json"),
    ("sentencepiece", "tokenizer.model"),
):
    cases.append({"name": name, "do": "refuse", "model": name, "says": SAYS + [file.replace(".", "\\.")]})
about = "version https://git-lfs.github.com/spec/v1\nis the first line of a pointer of Git LFS; the old harbour has none, and this is a text about it.\n"
tiny.write_text("about.txt", about)
cases.append(
    {
        "name": "a text about pointers",
        "do": "read",
        "model": "../any-model",
        "files": ["about.txt"],
        "as": {"field": "text"},
        "note": "Reads as any other text.",
    }
)
answers.finish(
    "lfs-pointer",
    "A file that is a Git LFS pointer is refused with its name, that it is a pointer of Git LFS, and what fetches it (git lfs pull), before anything is trained; the exit is not 0.",
    cases,
)
