"""Writes small models, adapters and PyTorch files into inputs/, with the sums that PEFT computes.

Needs torch, transformers and peft: python test/golden/merge/make-inputs.py
"""

import json
import os
import shutil

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

out = os.path.join(os.path.dirname(os.path.abspath(__file__)), "inputs")
shutil.rmtree(out, ignore_errors=True)


def llama(dtype):
    torch.manual_seed(1)
    config = LlamaConfig(
        hidden_size=8, intermediate_size=12, num_attention_heads=2, num_key_value_heads=1, num_hidden_layers=2,
        vocab_size=16, tie_word_embeddings=False, max_position_embeddings=32, initializer_range=0.5,
    )
    return LlamaForCausalLM(config).to(dtype)


def gpt2(dtype):
    torch.manual_seed(2)
    config = GPT2Config(n_embd=8, n_layer=2, n_head=2, vocab_size=16, n_positions=16, initializer_range=0.5)
    return GPT2LMHeadModel(config).to(dtype)


def adapt(name, make, dtype, **settings):
    """Saves MODEL, ADAPTER and EXPECTED, the sum of both."""
    folder = os.path.join(out, name)
    model = make(dtype)
    model.save_pretrained(os.path.join(folder, "model"))
    torch.manual_seed(3)
    peft = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", init_lora_weights=False, **settings))
    for parameter_name, parameter in peft.named_parameters():
        if "lora_" in parameter_name or "modules_to_save" in parameter_name:
            torch.nn.init.normal_(parameter, std=0.3)
    peft.save_pretrained(os.path.join(folder, "adapter"))
    again = make(dtype)
    PeftModel.from_pretrained(again, os.path.join(folder, "adapter")).merge_and_unload()
    again.save_pretrained(os.path.join(folder, "expected"))
    for made in ("model", "adapter", "expected"):
        for extra in ("generation_config.json", "README.md"):
            path = os.path.join(folder, made, extra)
            if os.path.exists(path):
                os.remove(path)


adapt("plain", llama, torch.float32, r=4, lora_alpha=6, target_modules=["q_proj", "down_proj", "lm_head"])
adapt("stabilized", llama, torch.bfloat16, r=3, lora_alpha=5, use_rslora=True, target_modules=["v_proj", "up_proj"],
      rank_pattern={"up_proj": 2}, alpha_pattern={"layers.1.mlp.up_proj": 9})
adapt("embedding", llama, torch.float32, r=2, lora_alpha=4, target_modules=["embed_tokens", "k_proj"],
      modules_to_save=["norm"])
adapt("transposed", gpt2, torch.float32, r=2, lora_alpha=4, target_modules=["c_attn"], fan_in_fan_out=True)
adapt("dora", llama, torch.float32, r=2, lora_alpha=4, target_modules=["q_proj"], use_dora=True)

folder = os.path.join(out, "pytorch")
state = load_file(os.path.join(out, "stabilized", "model", "model.safetensors"))
names = sorted(state)
os.makedirs(os.path.join(folder, "single"))
os.makedirs(os.path.join(folder, "sharded"))
os.makedirs(os.path.join(folder, "parameters"))
torch.save(state, os.path.join(folder, "single", "pytorch_model.bin"))
torch.save(
    {"state_dict": {name: torch.nn.Parameter(state[name].float()) for name in names}, "step": 3},
    os.path.join(folder, "parameters", "pytorch_model.bin"),
)
shared = torch.arange(24, dtype=torch.float16).reshape(4, 6)
torch.save({"a": shared[1:3], "b": shared, "n": torch.arange(3)}, os.path.join(folder, "views.bin"))
torch.save({"a": shared.t()}, os.path.join(folder, "strided.bin"))
torch.save({"a": shared, "evil": print}, os.path.join(folder, "function.bin"))
torch.save({"a": shared}, os.path.join(folder, "legacy.bin"), _use_new_zipfile_serialization=False)
weight_map = {}
for i, some in enumerate((names[:5], names[5:])):
    file = f"pytorch_model-0000{i + 1}-of-00002.bin"
    torch.save({name: state[name] for name in some}, os.path.join(folder, "sharded", file))
    weight_map.update({name: file for name in some})


with open(os.path.join(folder, "sharded", "pytorch_model.bin.index.json"), "w") as index:
    json.dump({"metadata": {}, "weight_map": weight_map}, index)
