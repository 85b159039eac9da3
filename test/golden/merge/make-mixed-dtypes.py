"""Writes mixed-dtypes.json: merges of models of different dtypes by the methods of mergekit (commit a6e4028).

    PYTHONPATH=MERGEKIT_CHECKOUT python make-mixed-dtypes.py

Tensors are base64 of little-endian elements of their dtype.
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
SHAPE = [4, 8]
# Number of models beside the base, and whether there is one.
METHODS = {
    "linear": ([2, 3], [False]),
    "slerp": ([1], [True]),
    "nuslerp": ([2], [True, False]),
    "multislerp": ([2, 3], [True, False]),
    "model_stock": ([2, 3], [True]),
    "nearswap": ([1], [True]),
    "arcee_fusion": ([1], [True]),
    "task_arithmetic": ([1, 2], [True]),
    "ties": ([1, 2], [True]),
    "sce": ([2, 3], [True]),
    "ram": ([1, 2, 3], [True]),
    "ramplus_tl": ([1, 2, 3], [True]),
}


def encoded(tensor):
    data = base64.b64encode(tensor.contiguous().view(torch.uint8).numpy().tobytes()).decode()
    return {"dtype": next(name for name, dtype in DTYPES.items() if dtype == tensor.dtype), "data": data}


def parameters_of(rng, name):
    return {
        "slerp": {"t": rng.choice([0.25, 0.6])},
        "nearswap": {"t": rng.choice([0.01, 0.2])},
        "nuslerp": {"nuslerp_flatten": rng.random() < 0.5, "nuslerp_row_wise": rng.random() < 0.5},
        "model_stock": {"filter_wise": rng.random() < 0.5},
        "sce": {"select_topk": rng.choice([0.5, 1.0])},
        "ram": {"epsilon": rng.choice([0.01, 0.1])},
        "ramplus_tl": {"epsilon": rng.choice([0.01, 0.1])},
    }.get(name, {})


def case_of(rng, name):
    method = REGISTERED_MERGE_METHODS[name]
    counts, hasBase = METHODS[name][0], rng.choice(METHODS[name][1])
    names = [f"m{i}" for i in range(rng.choice(counts))] + (["base"] if hasBase else [])
    dtypes = [rng.choice(list(DTYPES)) for _ in names]
    while len(set(dtypes)) < 2:
        dtypes = [rng.choice(list(DTYPES)) for _ in names]
    start = torch.randn(SHAPE) * 0.3
    tensors = {
        model: (start + torch.randn(SHAPE) * (0 if model == "base" else 0.15)).to(DTYPES[dtype])
        for model, dtype in zip(names, dtypes)
    }
    own = [p.name for p in method.tensor_parameters()]
    weights = {model: {"weight": rng.choice([1.0, 0.4, 0.7])} if "weight" in own else {} for model in names}
    parameters = parameters_of(rng, name)
    references = {model: ModelReference.model_validate(model) for model in names}
    weight = WeightInfo(name="w")
    task = method.make_task(
        output_weight=weight,
        tensors=GatherTensors(weight_info=ImmutableMap({one: weight for one in references.values()})),
        base_model=references.get("base"),
        parameters=ImmutableMap({**{p.name: p.default_value for p in method.parameters()}, **parameters}),
        tensor_parameters=ImmutableMap(
            {
                references[model]: ImmutableMap(
                    {**{p.name: p.default_value for p in method.tensor_parameters()}, **given}
                )
                for model, given in weights.items()
            }
        ),
    )
    result = task.execute(tensors={references[model]: tensor.clone() for model, tensor in tensors.items()})
    models = [
        {"model": model, **({"parameters": given} if given and model != "base" else {})}
        for model, given in weights.items()
    ]
    config = {"merge_method": name, "models": models, "parameters": parameters}
    return {
        "config": {**config, "base_model": "base"} if hasBase else config,
        "models": {model: encoded(tensor) for model, tensor in tensors.items()},
        "expected": encoded(result),
    }


rng = random.Random(7)
torch.manual_seed(7)
cases = [json.dumps(case_of(rng, name)) for name in METHODS for _ in range(8)]
text = json.dumps({"shape": SHAPE})[:-1] + ', "cases": [\n' + ",\n".join(cases) + "\n]}\n"
Path(__file__).with_name("mixed-dtypes.json").write_text(text)
