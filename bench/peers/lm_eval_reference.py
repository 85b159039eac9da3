"""Runs lm-evaluation-harness on local files in place of the hub's data sets.

python3 bench/peers/lm_eval_reference.py --data arc_easy=FOLDER --data gsm8k=FOLDER -- \
    run --model hf --model_args pretrained=MODEL,dtype=float32 --device cpu --batch_size 16 \
    --tasks arc_easy,gsm8k --num_fewshot 0 --limit 200 --output_path OUT --log_samples

Further `--` begin further calls. FOLDER has one file a split (train.jsonl, validation.jsonl, test.jsonl, dev.jsonl) in
the hub's columns. What follows `--` goes to lm_eval itself: only `datasets.load_dataset` is replaced, so task files,
prompts, scores, result files and the table are those of the harness. A data set without --data is an error: nothing is
downloaded.
"""

import argparse
import contextlib
import io
import os
import sys
import time
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", TOKENIZERS_PARALLELISM="false")


def data_sets(tasks, options):
    """Maps (dataset_path, dataset_name) of each task to its local files."""
    found = {}
    for option in options:
        name, _, folder = option.partition("=")
        entry = tasks.task_index.get(name)
        if entry is None or entry.yaml_path is None:
            sys.exit(f"lm_eval has no task file {name!r}")
        files = {path.stem: str(path) for path in sorted(Path(folder).glob("*.jsonl"))}
        if not files:
            sys.exit(f"{folder} has no .jsonl file")
        config = load_yaml(entry.yaml_path, resolve_func=False, recursive=True)
        key = (config["dataset_path"], config.get("dataset_name"))
        if found.setdefault(key, files) != files:
            sys.exit(f"two tasks read {key}, but from different folders")
    return found


def replace_loader(found):
    original = datasets.load_dataset

    def load_dataset(path, name=None, **others):
        if path == "json":
            return original(path, name, **others)
        if (path, name) not in found:
            sys.exit(f"no --data for the data set {path!r}, configuration {name!r}")
        return original("json", data_files=found[path, name])

    datasets.load_dataset = load_dataset


def evaluate(arguments):
    """One call of lm_eval's command line; what it prints is also kept next to its results."""
    sys.argv = ["lm_eval", *arguments]
    printed = io.StringIO()
    started = time.perf_counter()
    with contextlib.redirect_stdout(printed):
        cli_evaluate()
    print(printed.getvalue(), f"{time.perf_counter() - started:.1f} seconds", sep="")
    if "--output_path" in arguments:
        folder = Path(arguments[arguments.index("--output_path") + 1])
        (folder / "stdout.txt").write_text(printed.getvalue(), encoding="utf8")


def split_at_dashes(arguments):
    parts = [[]]
    for argument in arguments:
        if argument == "--":
            parts.append([])
        else:
            parts[-1].append(argument)
    return parts


def main():
    own, *calls = split_at_dashes(sys.argv[1:])
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", action="append", default=[], metavar="TASK=FOLDER")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(own)
    torch.set_num_threads(options.threads)
    tasks = TaskManager()
    # Reading all task files takes half a minute; the index of the harness's own is the same for every call.
    TaskIndex.build = lambda self, paths: {**tasks.task_index, **build(paths[1:])}
    replace_loader(data_sets(tasks, options.data))
    for arguments in calls:
        evaluate(arguments)


import datasets  # noqa: E402
import torch  # noqa: E402
from lm_eval.__main__ import cli_evaluate  # noqa: E402
from lm_eval.tasks import TaskManager  # noqa: E402
from lm_eval.tasks._index import TaskIndex  # noqa: E402
from lm_eval.tasks._yaml_loader import load_yaml  # noqa: E402

build = TaskIndex.build
main()
