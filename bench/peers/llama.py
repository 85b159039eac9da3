"""A Llama in plain PyTorch with Hugging Face's tensor names, and loaders for it and for transformers' Llama."""

import json
import os

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn


class Norm(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(config["hidden_size"]))
        self.epsilon = config["rms_norm_eps"]

    def forward(self, x):
        return F.rms_norm(x, (x.shape[-1],), self.weight.to(x.dtype), self.epsilon)


def rotate(x, cosine, sine):
    """RoPE; x [B, heads, T, E]"""
    a, b = x.chunk(2, dim=-1)
    return torch.cat((a * cosine - b * sine, b * cosine + a * sine), dim=-1)


class Attention(nn.Module):
    def __init__(self, config):
        super().__init__()
        D, E = config["hidden_size"], config["head_dim"]
        self.E, self.H, self.K = E, config["num_attention_heads"], config["num_key_value_heads"]
        self.q_proj = nn.Linear(D, self.H * E, bias=False)
        self.k_proj = nn.Linear(D, self.K * E, bias=False)
        self.v_proj = nn.Linear(D, self.K * E, bias=False)
        self.o_proj = nn.Linear(self.H * E, D, bias=False)

    def forward(self, x, cosine, sine):
        B, T, _ = x.shape
        q = rotate(self.q_proj(x).view(B, T, self.H, self.E).transpose(1, 2), cosine, sine)
        k = rotate(self.k_proj(x).view(B, T, self.K, self.E).transpose(1, 2), cosine, sine)
        v = self.v_proj(x).view(B, T, self.K, self.E).transpose(1, 2)
        repeats = self.H // self.K
        k, v = k.repeat_interleave(repeats, dim=1), v.repeat_interleave(repeats, dim=1)
        attended = F.scaled_dot_product_attention(q.to(v.dtype), k.to(v.dtype), v, is_causal=True)
        return self.o_proj(attended.transpose(1, 2).reshape(B, T, self.H * self.E))


class FeedForward(nn.Module):
    def __init__(self, config):
        super().__init__()
        D, width = config["hidden_size"], config["intermediate_size"]
        self.gate_proj = nn.Linear(D, width, bias=False)
        self.up_proj = nn.Linear(D, width, bias=False)
        self.down_proj = nn.Linear(width, D, bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.input_layernorm, self.post_attention_layernorm = Norm(config), Norm(config)
        self.self_attn, self.mlp = Attention(config), FeedForward(config)

    def forward(self, x, cosine, sine):
        x = x + self.self_attn(self.input_layernorm(x), cosine, sine)
        return x + self.mlp(self.post_attention_layernorm(x))


class Trunk(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.embed_tokens = nn.Embedding(config["vocab_size"], config["hidden_size"])
        self.layers = nn.ModuleList(Layer(config) for _ in range(config["num_hidden_layers"]))
        self.norm = Norm(config)

    def forward(self, ids):
        E, theta = self.config["head_dim"], self.config["rope_theta"]
        frequencies = 1.0 / theta ** (torch.arange(0, E, 2, dtype=torch.float32, device=ids.device) / E)
        angles = torch.outer(torch.arange(ids.shape[1], dtype=torch.float32, device=ids.device), frequencies)
        x = self.embed_tokens(ids)
        cosine, sine = angles.cos(), angles.sin()
        for layer in self.layers:
            x = layer(x, cosine, sine)
        return self.norm(x)


class PlainLlama(nn.Module):
    """With tied embeddings."""

    def __init__(self, config):
        super().__init__()
        self.model = Trunk(config)

    def forward(self, ids):
        return F.linear(self.model(ids), self.model.embed_tokens.weight)


def load_plain(folder, dtype):
    with open(os.path.join(folder, "config.json")) as file:
        config = json.load(file)
    with torch.device("meta"):
        model = PlainLlama(config)
    weights = load_file(os.path.join(folder, "model.safetensors"))
    model.load_state_dict({name: weight.to(dtype) for name, weight in weights.items()}, assign=True)
    return model


def load_transformers(folder, dtype):
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, attn_implementation="sdpa")
