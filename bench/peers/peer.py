"""A peer: sets up one work in one mode, then measures on command.

Standard input has one JSON value per line: first the work (kind, mode, threads, …), then the minimum duration in
seconds of each measurement. Standard output has one JSON line for each: {"proof": […]} after warm-up, then
{"units": …, "seconds": …}.
"""

import importlib
import json
import os
import sys
import time

replies = os.fdopen(os.dup(1), "w", buffering=1)
sys.stdout = sys.stderr  # keeps output of libraries out of the replies


def reply(value):
    replies.write(json.dumps(value) + "\n")


def measure(run, seconds):
    """Repeats `run`, which returns the number of units it did, for at least `seconds`."""
    units = 0
    started = time.perf_counter()
    while True:
        units += run()
        elapsed = time.perf_counter() - started
        if elapsed >= seconds:
            return {"units": units, "seconds": elapsed}


def main():
    work = json.loads(sys.stdin.readline())
    import torch

    torch.set_num_threads(work["threads"])
    run, proof = importlib.import_module(work["kind"]).prepare(work)
    reply({"proof": proof})
    for line in sys.stdin:
        reply(measure(run, json.loads(line)))


main()
