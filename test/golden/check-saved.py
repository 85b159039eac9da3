"""What Strata saves, loaded by transformers: no warning, and the losses that Strata gives.

Run after npm run build, with Python, torch and transformers installed: python3 test/golden/check-saved.py
"""

import json
import logging
import pathlib
import subprocess
import tempfile
import warnings

import torch
import transformers

HERE = pathlib.Path(__file__).parent
heard = []


class Listener(logging.Handler):
    def emit(self, record):
        heard.append(record.getMessage())


def losses_of(folder, golden):
    model = transformers.AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager"
    ).eval()
    ids, targets = (torch.tensor(golden[key]).view(golden["B"], golden["T"]) for key in ["ids", "targets"])
    with torch.no_grad():
        logits = model(ids, use_cache=False).logits
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-1, reduction="none")


def check(source):
    golden = json.loads((source / "golden.json").read_text())
    with tempfile.TemporaryDirectory() as folder:
        command = ["node", str(HERE / "train-and-save.mjs"), str(source), folder]
        ours = torch.tensor(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
        heard.clear()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            theirs = losses_of(folder, golden)
        complaints = heard + [str(warning.message) for warning in caught]
    error = ((ours - theirs).norm() / theirs.norm()).item()
    print(f"{source.name}: relative difference of the losses {error:.1e}, {len(complaints)} warnings")
    assert error < 1e-5 and not complaints, complaints


if __name__ == "__main__":
    transformers.utils.logging.set_verbosity_warning()
    transformers.utils.logging.disable_progress_bar()
    for name in ["", "transformers"]:
        logging.getLogger(name).addHandler(Listener(level=logging.WARNING))
    for source in sorted((HERE / "architectures").iterdir()):
        check(source)
