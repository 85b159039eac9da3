"""Writes averages-random.json: random small tensors merged by the averaging methods of mergekit (commit a6e4028).

    PYTHONPATH=MERGEKIT_CHECKOUT python make-averages.py

Tensors are base64 of little-endian elements of `dtype`; the result is of `result`.
"""

import base64
import json
import random
from pathlib import Path

import torch
from mergekit.architecture import WeightInfo
from mergekit.common import ModelReference
from mergekit.merge_methods.arcee_fusion import ArceeFusionMergeTask
from mergekit.merge_methods.karcher import KarcherTask
from mergekit.merge_methods.linear import LinearMergeTask
from mergekit.merge_methods.model_stock import ModelStockMergeTask
from mergekit.merge_methods.multislerp import multislerp
from mergekit.merge_methods.nearswap import nearswap_merge
from mergekit.merge_methods.nuslerp import NuSlerpTask
from mergekit.merge_methods.passthrough import PassthroughMergeTask
from mergekit.merge_methods.slerp import SlerpTask

names = {"f32": torch.float32, "bf16": torch.bfloat16, "f16": torch.float16}
short = {dtype: name for name, dtype in names.items()}
rng = random.Random(13)
torch.manual_seed(13)
info = WeightInfo(name="tensor")


def encode(tensor):
    data = tensor.detach().contiguous().flatten().view(torch.uint8).numpy().tobytes()
    return base64.b64encode(data).decode()


def reference(name):
    return ModelReference.model_validate(name)


def shape():
    kind = rng.randrange(4)
    if kind == 0:
        return [rng.randrange(40, 140)]
    if kind == 3:
        return [rng.randrange(2, 5), rng.randrange(2, 6), rng.randrange(3, 8)]
    return [rng.randrange(2, 14), rng.randrange(4, 14)]


def tensors(count, size, dtype, spreads):
    """Models around a base, some of them as near to it as fine-tuned ones."""
    base = torch.randn(size) * rng.choice([0.02, 1.0, 3.0])
    spread = rng.choice(spreads)
    models = [base + torch.randn(size) * base.std() * spread for _ in range(count)]
    if rng.random() < 0.15:
        for model in models:
            model.view(size[0], -1)[0] = 0
        base.view(size[0], -1)[0] = 0
    return [tensor.to(names[dtype]) for tensor in [base, *models]]


def weights(count):
    kind = rng.randrange(4)
    if kind == 0:
        return [1.0] * count
    values = [round(rng.uniform(0.05, 1.5), 3) for _ in range(count)]
    if kind == 1 and count > 2:
        values[rng.randrange(count)] = 0.0
    if kind == 2:
        values[rng.randrange(count)] *= -0.3
    return values


def make(task, **fields):
    return task.model_construct(weight_info=info, gather_tensors=None, **fields)


def per_model(refs, key, values):
    return {ref: {key: value} for ref, value in zip(refs, values)}


class Case:
    def __init__(self, method, dtype, count, has_base, spreads=(0.01, 0.2, 1.0, 3.0)):
        self.size = shape()
        base, *models = tensors(count, self.size, dtype, spreads)
        self.refs = [reference(f"model{k}") for k in range(count)]
        self.base_ref = reference("base")
        self.models, self.base = models, base if has_base else None
        self.record = {"method": method, "dtype": dtype, "shape": self.size, "values": {}, "weights": None}

    def inputs(self, with_base=False):
        named = dict(zip(self.refs, self.models))
        return {**named, self.base_ref: self.base} if with_base else named

    def done(self, run):
        copies = [model.clone() for model in self.models]
        result = run()
        encoded = [encode(model) for model in copies]
        base = None if self.base is None else encode(self.base)
        return {
            **self.record,
            "base": base,
            "models": encoded,
            "result": short[result.dtype],
            "expected": encode(result),
        }


def linear(dtype):
    case = Case("linear", dtype, rng.randrange(1, 6), False)
    given = weights(len(case.models))
    normalize = rng.random() < 0.7
    case.record.update(values={"normalize": int(normalize)}, weights=given)
    task = make(LinearMergeTask, tensor_parameters=per_model(case.refs, "weight", given), normalize=normalize)
    return case.done(lambda: task.execute(case.inputs()))


def slerp(dtype):
    case = Case("slerp", dtype, 2, False)
    t = rng.choice([0.0, 0.25, 0.5, 0.8, 1.0, round(rng.uniform(-0.5, 1.5), 3)])
    case.record.update(values={"t": t})
    task = make(SlerpTask, base_model=case.refs[0], t=t)
    return case.done(lambda: task.execute(case.inputs()))


def nuslerp(dtype):
    case = Case("nuslerp", dtype, 2, rng.random() < 0.4)
    given = weights(2)
    flatten, row_wise = rng.random() < 0.4, rng.random() < 0.5
    case.record.update(
        values={"nuslerp_flatten": int(flatten), "nuslerp_row_wise": int(row_wise)},
        weights=given,
    )
    base = case.base_ref if case.base is not None else None
    task = make(
        NuSlerpTask,
        tensor_parameters=per_model(case.refs, "weight", given),
        row_wise=row_wise,
        flatten=flatten,
        base_model=base,
    )
    return case.done(lambda: task.execute(case.inputs(base is not None)))


def multi(dtype):
    case = Case("multislerp", dtype, rng.randrange(2, 5), rng.random() < 0.4)
    given = weights(len(case.models))
    normalize = rng.random() < 0.7
    eps = rng.choice([1e-8, 1e-8, 1e-5])
    case.record.update(values={"normalize_weights": int(normalize), "eps": eps}, weights=given)
    return case.done(
        lambda: multislerp(
            [model.clone() for model in case.models],
            given,
            base_tensor=case.base,
            normalize_weights=normalize,
            eps=eps,
        )
    )


def karcher(dtype):
    case = Case("karcher", dtype, rng.randrange(2, 5), False)
    steps, tolerance = rng.choice([(10, 1e-5), (10, 1e-5), (1, 1e-5), (3, 1e-3)])
    case.record.update(values={"max_iter": steps, "tol": tolerance})
    task = make(KarcherTask, max_iter=steps, tol=tolerance)
    return case.done(lambda: task.execute(case.inputs()))


def model_stock(dtype):
    case = Case("model_stock", dtype, rng.randrange(2, 5), True)
    filter_wise = rng.random() < 0.5
    case.record.update(values={"filter_wise": int(filter_wise)})
    task = make(ModelStockMergeTask, base_model=case.base_ref, filter_wise=filter_wise)
    return case.done(lambda: task.execute(case.inputs(True)))


def nearswap(dtype):
    case = Case("nearswap", dtype, 1, True)
    t = rng.choice([1e-4, 0.01, 0.3])
    case.record.update(values={"t": t})
    return case.done(lambda: nearswap_merge(case.models, case.base, t))


def arcee(dtype):
    # Between models that are near to each other, the divergences are what rounding leaves of them.
    case = Case("arcee_fusion", dtype, 2, False, (1.0, 3.0))
    task = make(ArceeFusionMergeTask, base_model=case.refs[0])
    return case.done(lambda: task.execute(case.inputs()))


def passthrough(dtype):
    case = Case("passthrough", dtype, 1, False)
    scale = rng.choice([None, 0.3, -1.7])
    case.record.update(scale=scale)
    parameters = {case.refs[0]: type("Values", (), {"data": {} if scale is None else {"scale": scale}})()}
    task = PassthroughMergeTask.model_construct(gather_tensors=None, tensor_parameters=parameters)
    return case.done(lambda: task.execute(case.inputs()))


plan = [(linear, 8), (slerp, 7), (nuslerp, 11), (multi, 8), (karcher, 6), (model_stock, 7), (nearswap, 3), (arcee, 4)]
cases = [make_case(dtype) for make_case, count in plan for dtype in names for _ in range(count)]
cases += [passthrough(dtype) for dtype in names]
out = Path(__file__).with_name("averages-random.json")
lines = ",\n".join("  " + json.dumps(case) for case in cases)
out.write_text('{\n "source": "mergekit a6e4028, torch %s",\n "cases": [\n%s\n ]\n}\n' % (torch.__version__, lines))
print(f"{len(cases)} cases, {out.stat().st_size} bytes")
