"""Makes test/golden/pico-llama: two tiny Llama models with the numbers that PyTorch and transformers give for them.

Run with Python, torch and transformers installed: python3 test/golden/make-pico-llama.py
"""

import json
import pathlib
import shutil

import torch
import transformers
from transformers import LlamaConfig, LlamaForCausalLM
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

HERE = pathlib.Path(__file__).parent / "pico-llama"
B, T, VOCABULARY, NEW_TOKENS = 2, 12, 64, 24
# The first position of its document: the second sequence holds two documents.
FIRST_VISIBLE = [[0] * T, [0] * 5 + [5] * (T - 5)]
LLAMA3 = {
    "rope_type": "llama3",
    "rope_theta": 10000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 16,
}


def make_model(tied, rope, seed):
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=128,
        rms_norm_eps=1e-5,
        rope_parameters=rope,
        tie_word_embeddings=tied,
        bos_token_id=None,
        eos_token_id=None,
        attn_implementation="eager",
    )
    model = LlamaForCausalLM(config).float().eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            # Larger than usual, so that attention is not uniform; in bf16, so that the file is small.
            noise = torch.randn_like(weight)
            weight.copy_((1 + 0.2 * noise if "norm" in name else 0.25 * noise).bfloat16().float())
    return model


def block_causal(first_visible):
    query = torch.arange(T)[None, :, None]
    key = torch.arange(T)[None, None, :]
    seen = (key <= query) & (key >= torch.tensor(first_visible)[:, :, None])
    return torch.where(seen, 0.0, torch.finfo(torch.float32).min)[:, None]


def losses_and_gradients(model, ids, targets):
    logits = model(ids, attention_mask=block_causal(FIRST_VISIBLE), use_cache=False).logits
    losses = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1), targets.flatten(), ignore_index=-1, reduction="none"
    )
    losses.sum().backward()
    gradients = {
        name: {
            "norm": weight.grad.norm().item(),
            "values": weight.grad.flatten()[:: max(1, weight.numel() // 8)].tolist(),
        }
        for name, weight in model.named_parameters()
    }
    return losses.tolist(), logits.argmax(-1).flatten().tolist(), gradients


def greedy(model, prompt):
    """The continuation, and the smallest lead of a chosen logit over the second: it must not hang on rounding."""
    ids, lead = list(prompt), float("inf")
    with torch.no_grad():
        for _ in range(NEW_TOKENS):
            best = model(torch.tensor([ids]), use_cache=False).logits[0, -1].topk(2)
            lead = min(lead, (best.values[0] - best.values[1]).item())
            ids.append(best.indices[0].item())
        made = model.generate(torch.tensor([prompt]), max_new_tokens=NEW_TOKENS, do_sample=False)[0].tolist()
    assert made == ids, "generate and the plain loop disagree"
    return ids[len(prompt) :], lead


def make(name, tied, rope, seed):
    model = make_model(tied, rope, seed)
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(VOCABULARY, (B, T), generator=generator)
    targets = torch.randint(VOCABULARY, (B, T), generator=generator)
    targets[0, 3] = targets[1, 4] = -1
    losses, best, gradients = losses_and_gradients(model, ids, targets)
    prompts = [ids[0, :5].tolist(), ids[1].tolist(), ids[0, 7:8].tolist()]
    continued = [greedy(model, prompt) for prompt in prompts]
    assert min(lead for _, lead in continued) > 1e-3, "choose another seed"
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    model.bfloat16().save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    golden = {
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
        "B": B,
        "T": T,
        "ids": ids.flatten().tolist(),
        "targets": targets.flatten().tolist(),
        "firstVisible": sum(FIRST_VISIBLE, []),
        "losses": losses,
        "best": best,
        "gradients": gradients,
        "prompts": prompts,
        "continuations": [tokens for tokens, _ in continued],
    }
    (folder / "golden.json").write_text(json.dumps(golden) + "\n")


def make_rope():
    """Inverse frequencies and, at far positions, cosines of Llama-3.2-1B."""
    config = LlamaConfig(
        hidden_size=2048,
        num_attention_heads=32,
        max_position_embeddings=131072,
        rope_parameters=LLAMA3 | {"rope_theta": 500000.0, "factor": 32.0, "original_max_position_embeddings": 8192},
    )
    frequencies, _ = ROPE_INIT_FUNCTIONS["llama3"](config, "cpu")
    positions = [0, 1, 2047, 100003, 131071]
    cosines = [(frequencies * float(position)).cos().tolist() for position in positions]
    golden = {"inverseFrequencies": frequencies.tolist(), "positions": positions, "cosines": cosines}
    (HERE / "rope.json").write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    make("tied-llama3-rope", True, LLAMA3, 1)
    make("untied", False, {"rope_type": "default", "rope_theta": 10000.0}, 2)
    make_rope()
