"""Log-likelihoods of continuations of contexts. Units are continuations. Modes are PRECISION-BATCHSIZE.

Batches are sorted by length and padded on the right, so that causal attention needs no mask. The output head is
computed only for rows that predict.
"""

import torch

from llama import load_transformers


def prepare(work):
    precision, size = work["mode"].split("-")
    model = load_transformers(work["folder"], torch.bfloat16 if precision == "bf16" else torch.float32).eval()
    requests = work["requests"]
    order = sorted(range(len(requests)), key=lambda i: -sum(map(len, requests[i])))

    @torch.inference_mode()
    def score():
        sums = [0.0] * len(requests)
        for start in range(0, len(order), int(size)):
            batch = order[start : start + int(size)]
            for request, total in zip(batch, score_batch(model, [requests[i] for i in batch])):
                sums[request] = total
        return sums

    def run():
        score()
        return len(requests)

    return run, score()


def score_batch(model, batch):
    inputs = [torch.tensor((context + continuation)[:-1]) for context, continuation in batch]
    hidden = model.model(
        input_ids=torch.nn.utils.rnn.pad_sequence(inputs, batch_first=True), use_cache=False
    ).last_hidden_state
    rows = torch.cat(
        [
            hidden[b, len(context) - 1 : len(context) + len(continuation) - 1]
            for b, (context, continuation) in enumerate(batch)
        ]
    )
    targets = torch.cat([torch.tensor(continuation) for _, continuation in batch])
    losses = torch.nn.functional.cross_entropy(model.lm_head(rows).float(), targets, reduction="none")
    return [-part.sum().item() for part in losses.split([len(continuation) for _, continuation in batch])]
