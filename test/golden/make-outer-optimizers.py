"""Writes outer-optimizers.json: rounds of torch.optim.SGD on the changes of merged models, with and without Nesterov.

python make-outer-optimizers.py > outer-optimizers.json
"""

import json

import torch

ROUNDS = 5
SIZE = 9


def run(nesterov: bool, learning_rate: float, momentum: float, seed: int) -> dict:
    generator = torch.Generator().manual_seed(seed)
    weights = torch.nn.Parameter(torch.randn(SIZE, generator=generator))
    optimizer = torch.optim.SGD([weights], lr=learning_rate, momentum=momentum, nesterov=nesterov)
    start = weights.tolist()
    rounds = []
    for _ in range(ROUNDS):
        merged = weights.detach() + 0.1 * torch.randn(SIZE, generator=generator)
        weights.grad = weights.detach() - merged
        optimizer.step()
        velocity = optimizer.state[weights].get("momentum_buffer")
        rounds.append(
            {
                "merged": merged.tolist(),
                "weights": weights.tolist(),
                # The buffer of a gradient is the negative of the buffer of a change.
                "velocity": None if velocity is None else (-velocity).tolist(),
            }
        )
    method = "nesterov" if nesterov else "sgd"
    return {"method": method, "learningRate": learning_rate, "momentum": momentum, "start": start, "rounds": rounds}


cases = [
    run(True, 0.7, 0.9, 1),
    run(True, 1.0, 0.6, 2),
    run(False, 0.7, 0.9, 3),
    run(False, 1.0, 0.5, 4),
    run(False, 0.3, 0.0, 5),
]
print(json.dumps({"torch": torch.__version__.split("+")[0], "cases": cases}, indent=1))
