"""Greedy continuation of prompts of equal length with a key/value cache. Units are new tokens.

Modes are PRECISION or PRECISION-static: transformers' growing cache, or its static cache with compiled decoding.
"""

import torch

from llama import load_transformers


def prepare(work):
    precision, *static = work["mode"].split("-")
    model = load_transformers(work["folder"], torch.bfloat16 if precision == "bf16" else torch.float32).eval()
    prompts = torch.tensor(work["prompts"])
    count = work["count"]
    options = static_cache() if static else {}

    @torch.inference_mode()
    def generate():
        out = model.generate(
            input_ids=prompts,
            attention_mask=torch.ones_like(prompts),
            max_new_tokens=count,
            do_sample=False,
            pad_token_id=0,
            **options,
        )
        return out[:, prompts.shape[1] :]

    def run():
        return generate().numel()

    return run, generate()[:, 0].tolist()


def static_cache():
    from transformers import CompileConfig

    compiled = CompileConfig(mode="default")
    compiled._compile_all_devices = True  # without it, transformers compiles on accelerators only
    return {"cache_implementation": "static", "compile_config": compiled}
