"""Makes random-task-vectors.json: random small merges by the functions of mergekit (commit a6e4028) with PyTorch.

Run with a PYTHONPATH on which `mergekit` is. Tensors are base64 of little-endian elements. Sorting is made stable, so
that equal magnitudes have one order: PyTorch promises none. Breadcrumbs sorts once for two cuts, so that no order keeps
the lower index at both: cases in which the order matters are left out, and those of sce that select nothing, for which
mergekit returns a copy of the base for each input.
"""

import base64
import json
import random
from pathlib import Path

import torch
from mergekit.architecture import WeightInfo
from mergekit.common import ImmutableMap, ModelReference
from mergekit.io.tasks import GatherTensors
from mergekit.merge_methods.registry import REGISTERED_MERGE_METHODS

DTYPES = {"f32": torch.float32, "bf16": torch.bfloat16, "f16": torch.float16}

plain_argsort, plain_sort = torch.argsort, torch.sort


def stable_argsort(values, dim=-1, descending=False):
    return plain_argsort(values, dim=dim, descending=descending, stable=True)


class Ties:
    """Whether of equal elements the higher index comes first."""

    reversed = False


def stable_sort(values, dim=-1, descending=False):
    if not Ties.reversed:
        return plain_sort(values, dim=dim, descending=descending, stable=True)
    found = plain_sort(values.flip(dim), dim=dim, descending=descending, stable=True)
    return torch.return_types.sort((found.values, values.shape[dim] - 1 - found.indices))


def stable_topk(values, k, largest=True):
    found = plain_sort(values, descending=largest, stable=True)
    return found.values[:k], found.indices[:k]


torch.argsort = torch.Tensor.argsort = stable_argsort
torch.sort = stable_sort
torch.topk = stable_topk


def execute(case):
    method = REGISTERED_MERGE_METHODS[case["method"]]
    models = [ModelReference.model_validate(name) for name in ["base", *(f"m{i}" for i in range(len(case["inputs"])))]]
    weight = WeightInfo(name="layer.weight")
    defaults = {p.name: p.default_value for p in method.parameters()}
    own = {p.name: p.default_value for p in method.tensor_parameters()}
    settings = [{}, *(given for _, given in case["inputs"])]
    task = method.make_task(
        output_weight=weight,
        tensors=GatherTensors(weight_info=ImmutableMap({model: weight for model in models})),
        base_model=models[0],
        parameters=ImmutableMap({**defaults, **case["parameters"]}),
        tensor_parameters=ImmutableMap(
            {model: ImmutableMap({**own, **given}) for model, given in zip(models, settings)}
        ),
    )
    torch.manual_seed(case["seed"])
    tensors = [case["base"], *(tensor for tensor, _ in case["inputs"])]
    return task.execute(tensors={model: tensor.clone() for model, tensor in zip(models, tensors)})


def needs_an_order(case):
    """Whether the result depends on the order of equal magnitudes in breadcrumbs' sort."""
    if not case["method"].startswith("breadcrumbs"):
        return False
    Ties.reversed = True
    other = execute(case)
    Ties.reversed = False
    return not torch.equal(other.nan_to_num(), execute(case).nan_to_num())


def encoded(tensor):
    return base64.b64encode(tensor.contiguous().view(torch.uint8).numpy().tobytes()).decode()


def name_of(dtype):
    return next(name for name, other in DTYPES.items() if other == dtype)


def random_shape(rng):
    if rng.random() < 0.08:
        return [rng.randint(257, 400)]
    return rng.choice(
        [
            [rng.randint(2, 60)],
            [rng.randint(1, 6), rng.randint(2, 12)],
            [rng.randint(1, 3), rng.randint(2, 5), rng.randint(1, 4)],
        ]
    )


def random_tensors(rng, shape, dtype, count):
    """A base and inputs; some inputs are the base in places, and some changes have equal magnitudes."""
    base = torch.randn(shape) * rng.choice([0.02, 1, 30])
    inputs = []
    for _ in range(count):
        change = torch.randn(shape) * rng.choice([0.003, 0.1, 1])
        if rng.random() < 0.3:
            change = torch.randint(-3, 4, shape) / 4.0
        if rng.random() < 0.3:
            change = change * (torch.rand(shape) < 0.5)
        inputs.append((base.to(dtype) + change.to(dtype)).to(dtype))
    return base.to(dtype), inputs


def random_parameters(rng, method):
    names = [p.name for p in method.parameters()]
    values = {
        "normalize": rng.random() < 0.5,
        "rescale": rng.random() < 0.5,
        "lambda": rng.choice([1.0, 0.5, 1.3, -0.7]),
        "int8_mask": True,
        "select_topk": rng.choice([0.1, 0.29, 0.5, 0.7, 1.0]),
        "epsilon": rng.choice([1e-5, 0.01, 0.2]),
        "r": rng.choice([0.1, 0.5]),
        "alpha": rng.choice([0.2, 1.0]),
    }
    return {name: values[name] for name in names if rng.random() < 0.6}


def random_settings(rng, method, size):
    names = [p.name for p in method.tensor_parameters()]
    density = rng.choice([0.1, 0.3, 0.5, 0.55, 0.7, 0.9, 1.0, 1.2])
    if method.name() == "ties":
        density = max(density, 1.5 / size)
    if method.name().startswith("della"):
        density = rng.choice([0.2, 0.35, 0.5, 0.6, 0.8, 1.0, 0.0])
    values = {
        "weight": rng.choice([1.0, 0.3, 0.5, 0.7, -0.4, rng.uniform(0, 2)]),
        "density": density,
        "gamma": rng.choice([0.01, 0.1, 0.25, 0.6]),
        "epsilon": rng.choice([0.15, 0.1, 0.05]),
    }
    return {name: values[name] for name in names if name in ("weight", "density") or rng.random() < 0.7}


def random_case(rng, name):
    method = REGISTERED_MERGE_METHODS[name]
    dtype = rng.choice(["f32", "bf16", "f16"])
    shape = random_shape(rng)
    base, inputs = random_tensors(rng, shape, DTYPES[dtype], rng.randint(1, 4))
    settings = [random_settings(rng, method, base.numel()) for _ in inputs]
    return {
        "method": name,
        "dtype": dtype,
        "shape": shape,
        "seed": rng.choice([0, 42, rng.randrange(2**32)]),
        "parameters": random_parameters(rng, method),
        "base": base,
        "inputs": list(zip(inputs, settings)),
    }


def line(rng, name):
    case = random_case(rng, name)
    while execute(case).shape != case["base"].shape or needs_an_order(case):
        case = random_case(rng, name)
    result = execute(case)
    inputs = [{"values": given, "tensor": encoded(tensor)} for tensor, given in case["inputs"]]
    expected = {"dtype": name_of(result.dtype), "tensor": encoded(result)}
    return json.dumps({**case, "base": encoded(case["base"]), "inputs": inputs, "expected": expected})


NAMES = (
    "task_arithmetic ties dare_linear dare_ties della della_linear breadcrumbs breadcrumbs_ties sce ram ramplus_tl"
).split()
rng = random.Random(13)
torch.manual_seed(13)
lines = [line(rng, name) for name in NAMES for _ in range(22)]
Path(__file__).with_name("random-task-vectors.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")
