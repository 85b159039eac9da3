"""Writes golden.json: the splits that the `datasets` library finds in repositories of various layouts.

pip install datasets && python3 test/hub/make-golden.py
"""

import json
import os
import tempfile

import datasets
from datasets.data_files import DataFilesDict, get_data_patterns, sanitize_patterns

layouts = {
    "one file": ["README.md", "MetaMathQA-395K.json", ".gitattributes"],
    "file names": ["train.jsonl", "test.jsonl", "README.md"],
    "words in file names": ["my_train_file-1.csv", "my-dev.csv", "retrained.csv", "eval.csv", "train1.csv"],
    "folders": ["train/a.jsonl", "train/deep/b.jsonl", "validation/a.jsonl", "other/c.jsonl"],
    "folders with words": ["my train data/a.jsonl", "test-set/b.jsonl"],
    "shards": [
        "data/train-00000-of-00002.parquet",
        "data/train-00001-of-00002.parquet",
        "data/test-00000-of-00001.parquet",
        "data/mine_too-00000-of-00001.parquet",
        "train.csv",
    ],
    "shards with hash": ["data/train-00000-of-00001-a09b74b3ef9c3b56.parquet"],
    "hidden": [".hidden/train.jsonl", "__pycache__/train.jsonl", "data/.train.jsonl", "data/x.jsonl"],
    "no words": ["a.jsonl", "b/c.jsonl"],
    "valid and val": ["valid.jsonl", "val_2.jsonl", "training.jsonl", "testing.jsonl", "evaluation.jsonl"],
    "folder before file name": ["train/test.jsonl", "dev/train.jsonl"],
    "capital letters": ["TRAIN.jsonl", "b.jsonl"],
}

files = [
    "README.md",
    "all.csv",
    "data/train-1.jsonl",
    "data/train-2.jsonl",
    "data/deep/train-3.jsonl",
    "data/.hidden.jsonl",
    "main/test-0.jsonl",
    "x/y/z.jsonl",
]
patterns = {
    "a pattern": "data/train-*",
    "a list": ["data/train-2.jsonl", "data/train-*"],
    "splits": {"train": "data/train-*", "test": ["main/*", "x/**"]},
    "a list of splits": [{"split": "train", "path": "data/**"}, {"split": "mine", "path": "**/test-[0-9].jsonl"}],
    "stars": "**",
    "inner stars": "x/**/z.jsonl",
    "a file": "all.csv",
}


def make(folder, names):
    for name in names:
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        open(path, "w").close()


def resolve(found, folder):
    resolved = DataFilesDict.from_patterns(found, base_path=folder)
    return {str(split): [os.path.relpath(path, folder) for path in paths] for split, paths in resolved.items()}


def main():
    golden = {"datasets": datasets.__version__, "layouts": [], "patterns": []}
    for name, names in layouts.items():
        with tempfile.TemporaryDirectory() as folder:
            make(folder, names)
            golden["layouts"].append(
                {"name": name, "files": names, "splits": resolve(get_data_patterns(folder), folder)}
            )
    for name, given in patterns.items():
        with tempfile.TemporaryDirectory() as folder:
            make(folder, files)
            golden["patterns"].append(
                {"name": name, "files": files, "data_files": given, "splits": resolve(sanitize_patterns(given), folder)}
            )
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden.json")
    with open(path, "w") as file:
        file.write(json.dumps(golden, indent=1) + "\n")


main()
