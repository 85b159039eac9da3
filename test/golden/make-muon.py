"""Makes muon.json: weights and momentum after steps of torch.optim.Muon (PyTorch 2.13).

Each case twice: `exact` with the iteration in f64, and `bf16` as PyTorch computes it. Gradients are given in f32.
"""

import json
from pathlib import Path

import torch
import torch.optim._muon as implementation

iterate = implementation._zeropower_via_newtonschulz


class InF64(torch.Tensor):
    """A gradient whose `bfloat16()` is f64, so that the whole iteration is."""

    def bfloat16(self):
        return self.as_subclass(torch.Tensor).double().clone()


def exact(gradient, coefficients, steps, epsilon):
    return iterate(gradient.as_subclass(InF64), coefficients, steps, epsilon).as_subclass(torch.Tensor)


def train(case, dtype, iteration):
    implementation._zeropower_via_newtonschulz = iteration
    weight = torch.nn.Parameter(torch.tensor(case["weight"], dtype=dtype).reshape(case["shape"]))
    optimizer = torch.optim.Muon([weight], **case["options"])
    for gradient in case["gradients"]:
        weight.grad = torch.tensor(gradient, dtype=dtype).reshape(case["shape"])
        optimizer.step()
    return weight.detach().flatten().tolist(), optimizer.state[weight]["momentum_buffer"].flatten().tolist()


def digits(numbers):
    return [float(f"{number:.8g}") for number in numbers]


def make(shape, number, **options):
    generator = torch.Generator().manual_seed(number)
    draw = lambda scale: digits((torch.randn(shape, generator=generator) * scale).flatten().tolist())
    case = {
        "shape": shape,
        "options": {"lr": 0.02, "weight_decay": 0.1, "momentum": 0.95, "nesterov": True, **options},
        "weight": draw(0.1),
        "gradients": [draw(0.01 * (i + 1)) for i in range(3)],
    }
    weight, momentum = train(case, torch.float64, exact)
    rounded, _ = train(case, torch.float32, iterate)
    return {**case, "exact": {"weight": digits(weight), "m": digits(momentum)}, "bf16": digits(rounded)}


def main():
    cases = [
        make([5, 5], 1, adjust_lr_fn="match_rms_adamw"),
        make([6, 17], 2, adjust_lr_fn="match_rms_adamw", nesterov=False),
        make([19, 7], 3, adjust_lr_fn="match_rms_adamw"),
        make([19, 4], 4, adjust_lr_fn="original", nesterov=False),
        make([3, 11], 5, adjust_lr_fn="original", weight_decay=0.0),
        make([1, 9], 6, adjust_lr_fn="original"),
        make([9, 1], 7, adjust_lr_fn="match_rms_adamw", momentum=0.5),
        make([1, 1], 8, adjust_lr_fn="original"),
        make([40, 33], 9, adjust_lr_fn="original", momentum=0.0),
    ]
    path = Path(__file__).parent / "muon.json"
    path.write_text(json.dumps({"torch": torch.__version__, "cases": cases}) + "\n")


main()
