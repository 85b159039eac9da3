"""Makes test/golden/architectures: tiny random models of every architecture that Strata reads, each with its logits,
losses and every gradient from transformers.

Run with Python, torch, safetensors and transformers installed: python3 test/golden/make-architectures.py
"""

import json
import pathlib
import shutil

import torch
import transformers
from safetensors.torch import save_file
from transformers import (
    GenerationConfig,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
)

HERE = pathlib.Path(__file__).parent / "architectures"
B, T, VOCABULARY = 2, 12, 40
SHAPE = dict(
    vocab_size=VOCABULARY,
    hidden_size=16,
    intermediate_size=24,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=64,
    rms_norm_eps=1e-5,
    bos_token_id=1,
    eos_token_id=[2, 3],
)
DEFAULT = {"rope_type": "default", "rope_theta": 10000.0}
LLAMA3 = {
    "rope_type": "llama3",
    "rope_theta": 10000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 16,
}
LINEAR = {"rope_type": "linear", "rope_theta": 10000.0, "factor": 4.0}


def fill(model, seed, dtype):
    """Larger than usual, so that attention is not uniform; rounded to the dtype of the file."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            noise = torch.randn(weight.shape, generator=generator)
            weight.copy_((1 + 0.2 * noise if "norm" in name else 0.3 * noise).to(dtype).float())


def make(name, model_class, config, seed, dtype=torch.bfloat16, shard_size="1GB"):
    config._attn_implementation = "eager"
    model = model_class(config).float().eval()
    fill(model, seed, dtype)
    generator = torch.Generator().manual_seed(seed + 100)
    ids = torch.randint(VOCABULARY, (B, T), generator=generator)
    targets = torch.randint(VOCABULARY, (B, T), generator=generator)
    targets[0, 3] = targets[1, 4] = -1
    logits = model(ids, use_cache=False).logits
    losses = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1), targets.flatten(), ignore_index=-1, reduction="none"
    )
    losses.sum().backward()
    golden = {f"gradient/{key}": weight.grad.clone() for key, weight in model.named_parameters()}
    golden |= {"logits": logits.detach().flatten(0, 1), "losses": losses.detach()}
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    model.generation_config = GenerationConfig(bos_token_id=1, eos_token_id=[2, 3], pad_token_id=0)
    model.to(dtype).save_pretrained(folder, max_shard_size=shard_size)
    save_file({key: value.contiguous() for key, value in golden.items()}, folder / "golden.safetensors")
    facts = {
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
        "B": B,
        "T": T,
        "ids": ids.flatten().tolist(),
        "targets": targets.flatten().tolist(),
    }
    (folder / "golden.json").write_text(json.dumps(facts) + "\n")


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    llama = lambda **more: LlamaConfig(**(SHAPE | {"rope_parameters": DEFAULT} | more))
    mistral = lambda **more: MistralConfig(**(SHAPE | {"rope_parameters": DEFAULT} | more))
    make("llama3-rope-tied", LlamaForCausalLM, llama(rope_parameters=LLAMA3, tie_word_embeddings=True), 1)
    make("wide-heads", LlamaForCausalLM, llama(head_dim=6), 2)
    make("linear-rope", LlamaForCausalLM, llama(rope_parameters=LINEAR), 3)
    make("all-biases", LlamaForCausalLM, llama(attention_bias=True, mlp_bias=True), 4)
    make(
        "qwen2", Qwen2ForCausalLM, Qwen2Config(**(SHAPE | {"rope_parameters": DEFAULT, "tie_word_embeddings": True})), 5
    )
    make("mistral", MistralForCausalLM, mistral(sliding_window=None, head_dim=8), 6)
    make("mistral-window", MistralForCausalLM, mistral(sliding_window=5), 7)
    make("sharded-f16", LlamaForCausalLM, llama(), 8, torch.float16, "6KB")
