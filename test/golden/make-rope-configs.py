"""Makes test/golden/rope-configs.json: random mixtures of the RoPE members of config.json, each with the type and the
inverse frequencies that transformers resolves them to, or null where it refuses them.

Run with Python, torch and transformers installed: python3 test/golden/make-rope-configs.py
"""

import copy
import json
import logging
import pathlib
import random
import warnings

import torch
import transformers
from transformers import LlamaConfig, MistralConfig, Qwen2Config
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding
from transformers.models.mistral.modeling_mistral import MistralRotaryEmbedding
from transformers.models.qwen2.modeling_qwen2 import Qwen2RotaryEmbedding

OUT = pathlib.Path(__file__).parent / "rope-configs.json"
CLASSES = {
    "llama": (LlamaConfig, LlamaRotaryEmbedding),
    "mistral": (MistralConfig, MistralRotaryEmbedding),
    "qwen2": (Qwen2Config, Qwen2RotaryEmbedding),
}
HEAD_DIM = 12
SIZES = dict(hidden_size=48, num_attention_heads=4, num_key_value_heads=2, num_hidden_layers=2, head_dim=HEAD_DIM)
ABSENT = object()


def pick(random, *weighted):
    values, weights = zip(*weighted)
    return random.choices(values, weights)[0]


def without_absent(members):
    return {key: value for key, value in members.items() if value is not ABSENT}


def draw_theta(random):
    return pick(
        random,
        (ABSENT, 4),
        (10000.0, 2),
        (500000.0, 2),
        (1000000, 2),
        (100.0, 1),
        (None, 0.4),
        ("10000", 0.3),
        (0, 0.2),
    )


def draw_rope(random):
    if random.random() < 0.15:
        return pick(random, ({}, 1), (None, 2), (False, 0.3), ([], 0.3), ("linear", 0.3), (2.0, 0.3))
    kind = pick(
        random,
        ("default", 3),
        ("linear", 4),
        ("llama3", 8),
        ("yarn", 1),
        ("dynamic", 1),
        ("longrope", 1),
        ("proportional", 0.3),
        ("mrope", 0.3),
        (None, 0.5),
        (ABSENT, 2),
    )
    scales = kind in ("linear", "llama3", "yarn", "dynamic", "longrope") or random.random() < 0.2
    factor = pick(random, (2.0, 3), (8, 3), (4.5, 2), (0.5, 0.3), (None, 0.2), ("8", 0.2), (ABSENT, 0.3))
    bands = kind == "llama3" or random.random() < 0.1
    members = {
        pick(random, ("rope_type", 3), ("type", 1)): kind,
        "rope_theta": draw_theta(random),
        "factor": factor if scales else ABSENT,
        "low_freq_factor": pick(random, (1.0, 8), (1, 2), (2.5, 1), (ABSENT, 0.4)) if bands else ABSENT,
        "high_freq_factor": pick(random, (4.0, 8), (4, 2), (8.5, 1), (ABSENT, 0.4)) if bands else ABSENT,
        "original_max_position_embeddings": draw_original(random) if bands else ABSENT,
        "partial_rotary_factor": pick(random, (ABSENT, 12), (1.0, 1), (0.5, 0.4)),
    }
    if kind == "longrope":
        members |= {"short_factor": [1.0] * (HEAD_DIM // 2), "long_factor": [2.0] * (HEAD_DIM // 2)}
    if random.random() < 0.1:
        members["type" if "rope_type" in members else "rope_type"] = pick(random, ("linear", 1), ("default", 1))
    flat = without_absent(members)
    return {"full_attention": flat} if random.random() < 0.05 else flat


def draw_original(random):
    return pick(random, (ABSENT, 4), (16, 2), (64, 3), (8192, 2), (None, 0.3))


def draw_config(random):
    shape = pick(random, ("scaling", 4), ("parameters", 4), ("both", 5), ("neither", 1))
    return without_absent(
        {
            "model_type": pick(random, ("llama", 3), ("mistral", 1), ("qwen2", 1)),
            "max_position_embeddings": pick(random, (ABSENT, 1), (64, 2), (512, 2), (131072, 1)),
            "rope_theta": draw_theta(random),
            "rope_scaling": draw_rope(random) if shape in ("scaling", "both") else pick(random, (ABSENT, 2), (None, 1)),
            "rope_parameters": draw_rope(random) if shape in ("parameters", "both") else ABSENT,
            "original_max_position_embeddings": pick(random, (ABSENT, 6), (32, 2), (None, 0.2)),
            "partial_rotary_factor": pick(random, (ABSENT, 20), (1.0, 1), (0.5, 0.5), (None, 0.5)),
        }
    )


def resolve(members):
    config_class, rotary_class = CLASSES[members["model_type"]]
    try:
        config = config_class(**SIZES, **copy.deepcopy({k: v for k, v in members.items() if k != "model_type"}))
        rotary = rotary_class(config)
    except Exception:
        return {"type": None, "frequencies": None}
    frequencies = [float(f"{value:.9g}") for value in rotary.inv_freq.tolist()]
    whole = len(frequencies) == HEAD_DIM // 2 and all(0 < value < float("inf") for value in frequencies)
    return {"type": config.rope_parameters["rope_type"], "frequencies": frequencies if whole else None}


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    seeded = random.Random(1)
    cases = []
    while len(cases) < 250:
        members = draw_config(seeded)
        if all(case["config"] != members for case in cases):
            cases.append({"config": members, **resolve(members)})
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    versions = {"torch": torch.__version__, "transformers": transformers.__version__}
    OUT.write_text(f'{{"versions":{json.dumps(versions)},"sizes":{json.dumps(SIZES)},"cases":[\n{lines}\n]}}\n')
    print({kind: sum(case["type"] == kind for case in cases) for kind in {case["type"] for case in cases}})
