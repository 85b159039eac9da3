"""Training steps of a window of layers: forward, backward, gradient clipping, fused AdamW. Units are tokens.

Modes are MODEL-HOW-PRECISION: transformers or plain, eager or compile, f32 or bf16 (autocast; trained weights stay
f32, frozen weights are bf16).
"""

import re
from contextlib import nullcontext

import torch
import torch.nn.functional as F

from llama import load_plain, load_transformers


def prepare(work):
    family, how, precision = work["mode"].split("-")
    device = "cuda" if work["device"] == "webgpu" else "cpu"
    model = load(work, family, precision).to(device)
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    settings = work["settings"]
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for p in trained if p.ndim > 1], "weight_decay": settings["weightDecay"]},
            {"params": [p for p in trained if p.ndim == 1], "weight_decay": 0.0},
        ],
        lr=settings["learningRate"],
        betas=(settings["beta1"], settings["beta2"]),
        eps=settings["epsilon"],
        fused=True,
    )
    ids = torch.tensor(work["ids"], device=device).view(work["B"], work["T"])
    targets = torch.tensor(work["targets"], device=device)

    def loss_of(ids, targets):
        logits = model(ids) if family == "plain" else model(input_ids=ids, use_cache=False).logits
        return F.cross_entropy(logits.float().view(-1, logits.shape[-1]), targets)

    loss_now = torch.compile(loss_of, dynamic=False) if how == "compile" else loss_of
    autocast = torch.autocast(device, dtype=torch.bfloat16) if precision == "bf16" else nullcontext()

    def step():
        with autocast:
            loss = loss_now(ids, targets)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(trained, settings["maxGradNorm"])
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return loss.item(), norm.item()

    def run():
        step()
        return ids.numel()

    first_loss, norm = step()
    return run, [first_loss, norm, step()[0]]


def load(work, family, precision):
    frozen_dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    model = (load_plain if family == "plain" else load_transformers)(
        work["folder"], frozen_dtype if work["frozen"] else torch.float32
    )
    model.train()
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(is_trained(name, work["window"]))
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    return model


def is_trained(name, window):
    layer = re.search(r"\.layers\.(\d+)\.", name)
    return window["first"] <= int(layer.group(1)) < window["end"] if layer else window["embeddings"]
