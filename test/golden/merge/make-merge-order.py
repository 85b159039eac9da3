"""Writes merge-order.json: the order in which mergekit (commit a6e4028) merges tensors that share inputs.

    PYTHONPATH=MERGEKIT_CHECKOUT python make-merge-order.py

Models are small Llamas, of which the case has the number of layers and whether they store a head.
"""

import json
import tempfile
from pathlib import Path

import torch
import yaml
from mergekit.architecture import get_architecture_info
from mergekit.config import MergeConfiguration
from mergekit.graph import Executor
from mergekit.io.tasks import LoaderCache
from mergekit.merge import _model_out_config
from mergekit.options import MergeOptions
from mergekit.plan import MergePlanner
from safetensors.torch import save_file

LAYER = (
    "input_layernorm post_attention_layernorm self_attn.q_proj self_attn.k_proj self_attn.v_proj self_attn.o_proj "
    "mlp.gate_proj mlp.up_proj mlp.down_proj"
).split()
CONFIG = {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 3, "tie_word_embeddings": True}


def models_of(layers, heads):
    return {name: {"layers": layers, "head": head} for name, head in zip(["base", "a", "b"], heads)}


def whole(models):
    return {"models": [{"model": name} for name in models if name != "base"]}


def slices(*ranges):
    """Of each slice, the layers of all models, or those of each."""
    return {
        "slices": [
            {
                "sources": [
                    {"model": name, "layer_range": some if isinstance(some[0], int) else some[i]}
                    for i, name in enumerate(["a", "b", "base"])
                ]
            }
            for some in ranges
        ]
    }


ALL, SOME, NONE = [True] * 3, [False, True, True], [False, False, True]
CASES = [
    (models_of(2, ALL), whole("a b base".split())),
    *((models_of(layers, heads), whole("a b base".split())) for layers in (1, 3, 11) for heads in (SOME, NONE)),
    (models_of(3, ALL), slices([0, 2], [1, 3])),
    (models_of(4, SOME), slices([2, 4], [0, 3], [0, 1])),
    (models_of(12, ALL), slices([6, 12], [2, 8])),
    (models_of(3, NONE), slices([[0, 2], [1, 3], [1, 3]], [[1, 2], [1, 2], [0, 1]])),
    (models_of(2, ALL), slices([0, 1], [0, 1], [0, 1], [1, 2])),
]


def write_model(folder, layers, head):
    folder.mkdir()
    tensors = {f"model.layers.{i}.{part}.weight": torch.zeros(1) for i in range(layers) for part in LAYER}
    tensors |= {"model.embed_tokens.weight": torch.zeros(3, 1), "model.norm.weight": torch.zeros(1)}
    if head:
        tensors["lm_head.weight"] = torch.zeros(3, 1)
    save_file(tensors, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps({**CONFIG, "num_hidden_layers": layers}))


def order_of(folder, models, config):
    for name, model in models.items():
        write_model(folder / name, **model)

    def located(value):
        if isinstance(value, list):
            return [located(one) for one in value]
        if isinstance(value, dict):
            return {k: str(folder / v) if k in ("model", "base_model") else located(v) for k, v in value.items()}
        return value

    parsed = MergeConfiguration.model_validate(located(config))
    options = MergeOptions()
    LoaderCache().loaders.clear()
    LoaderCache().setup(options)
    info = get_architecture_info(parsed, options)
    planner = MergePlanner(parsed, info, options, out_model_config=_model_out_config(parsed, info))
    tasks = [handle.task() for handle in Executor(planner.plan_to_disk(str(folder / "out"))).schedule.tasks]
    return [task.weight_info.name for task in tasks if type(task).__name__ == "GTATask"]


def line(models, layout):
    parameters = {"weight": 0.5, "density": 0.5}
    config = {"merge_method": "dare_linear", "base_model": "base", "parameters": parameters, **layout}
    with tempfile.TemporaryDirectory() as folder:
        order = order_of(Path(folder), models, config)
    return json.dumps({"models": models, "yaml": yaml.safe_dump(config, sort_keys=False), "order": order})


lines = [line(*case) for case in CASES]
Path(__file__).with_name("merge-order.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")
