"""Makes test/golden/model-variants: a pool of random tensors, and model folders that are described by the tensors of
the pool that their files contain and by config.json, each with the logits of transformers.

`refuses` is Strata's decision: a pattern of the error, or None if it must read the folder as transformers does.

Run with Python, torch, safetensors and transformers installed: python3 test/golden/make-model-variants.py
"""

import json
import logging
import pathlib
import tempfile
import warnings

import torch
import transformers
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

HERE = pathlib.Path(__file__).parent / "model-variants"
D, F, H, K, V = 16, 24, 4, 2, 40
IDS = [5, 17, 2, 33, 8, 8, 21, 0, 39, 12]
CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "vocab_size": V,
    "hidden_size": D,
    "intermediate_size": F,
    "num_hidden_layers": 2,
    "num_attention_heads": H,
    "num_key_value_heads": K,
    "max_position_embeddings": 64,
    "rms_norm_eps": 1e-5,
    "hidden_act": "silu",
    "rope_theta": 10000.0,
    "tie_word_embeddings": False,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "torch_dtype": "bfloat16",
}
TIED = {"tie_word_embeddings": True}
QWEN = {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2"}
MISTRAL = {"architectures": ["MistralForCausalLM"], "model_type": "mistral", "sliding_window": None, "head_dim": 4}
LLAMA3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}
EMBEDDING, HEAD, SINGLE, INDEX = (
    "model.embed_tokens.weight",
    "lm_head.weight",
    "model.safetensors",
    "model.safetensors.index.json",
)


def layer_names(layer):
    prefix = f"model.layers.{layer}"
    shapes = {"q": (D, D), "k": (K * D // H, D), "v": (K * D // H, D), "o": (D, D)}
    names = {f"{prefix}.self_attn.{name}_proj.weight": shape for name, shape in shapes.items()}
    names |= {f"{prefix}.mlp.{name}_proj.weight": (F, D) for name in ("gate", "up")}
    return names | {
        f"{prefix}.mlp.down_proj.weight": (D, F),
        f"{prefix}.input_layernorm.weight": (D,),
        f"{prefix}.post_attention_layernorm.weight": (D,),
    }


def bias_names(layer, *projections):
    sizes = {"q": D, "k": K * D // H, "v": K * D // H, "o": D, "gate": F, "up": F, "down": D}
    part = lambda name: "mlp" if name in ("gate", "up", "down") else "self_attn"
    return {f"model.layers.{layer}.{part(name)}.{name}_proj.bias": (sizes[name],) for name in projections}


ALL_BIASES = ("q", "k", "v", "o", "gate", "up", "down")


def make_pool():
    generator = torch.Generator().manual_seed(3)
    shapes = {EMBEDDING: (V, D), HEAD: (V, D), "model.norm.weight": (D,), "weight [4]": (4,), "weight [40,8]": (V, 8)}
    for layer in range(2):
        shapes |= layer_names(layer) | bias_names(layer, *ALL_BIASES)
    pool = {}
    for name, shape in shapes.items():
        noise = torch.randn(shape, generator=generator)
        pool[name] = (1 + 0.2 * noise if "norm" in name else 0.3 * noise).bfloat16()
    last = pool[EMBEDDING].clone()
    last[-1, -1] += 1
    zero = pool[EMBEDDING].clone()
    zero[3, 3] = 0.0
    minus = zero.clone()
    minus[3, 3] = -0.0
    finer = pool[EMBEDDING].float()
    return pool | {
        "embedding, last value changed": last,
        "embedding with 0": zero,
        "embedding with -0": minus,
        "embedding f32": finer,
        "embedding f32, finer": finer + 1e-3,
        "embedding f64": finer.double(),
        "embedding f8": pool[EMBEDDING].to(torch.float8_e4m3fn),
        "norm f16": pool["model.norm.weight"].half(),
        "inv_freq": torch.tensor([1.0, 0.01]),
        "cached": torch.randn((8, 4), generator=generator),
        "mask": torch.ones(1, 1, 4, 4, dtype=torch.bool).tril(),
        "mask f32": torch.ones(1, 1, 4, 4).tril(),
        "scalar": torch.tensor(-1e4),
        "positions": torch.arange(8).unsqueeze(0),
        "three truths": torch.tensor([True, False, True]),
        "packed": torch.zeros(2, D, dtype=torch.int32),
        "empty": torch.zeros(0, dtype=torch.uint8),
    }


POOL = make_pool()
LAYERS = {name: name for layer in range(2) for name in layer_names(layer)} | {"model.norm.weight": "model.norm.weight"}
WHOLE = {EMBEDDING: EMBEDDING} | LAYERS | {HEAD: HEAD}
NO_HEAD = {name: name for name in WHOLE if name != HEAD}
QKV = {name: name for layer in range(2) for name in bias_names(layer, "q", "k", "v")}
BASE = {name.removeprefix("model."): name for name in NO_HEAD}


def one(tensors):
    return {SINGLE: tensors}


def sharded(tensors):
    names = list(tensors)
    return {
        "a.safetensors": {name: tensors[name] for name in names[:7]},
        "b.safetensors": {name: tensors[name] for name in names[7:]},
    }


def index_of(files):
    return {"metadata": {}, "weight_map": {name: file for file, tensors in files.items() for name in tensors}}


def extra(refuses=None, note=None, **tensors):
    named = {name.replace("__", "."): pooled for name, pooled in tensors.items()}
    return dict(files=one(WHOLE | named), refuses=refuses, note=note)


def config(refuses=None, files=None, note=None, **members):
    return dict(config=members, files=files or one(WHOLE), refuses=refuses, note=note)


ATTENTION = "model__layers__1__self_attn__"
TWO_NAMES = {"layers.0.mlp.up_proj.weight": "model.layers.1.mlp.up_proj.weight"}
LATER = {"c.safetensors": {"model.layers.0.mlp.up_proj.weight": "model.layers.1.mlp.up_proj.weight"}}
OTHER_SINGLE = {SINGLE: WHOLE | {HEAD: EMBEDDING}}
MIXED = {"model.norm.weight": "norm f16", EMBEDDING: "embedding f32, finer"}
DIFFERS = "lm_head.weight differs from the embedding"

VARIANTS = {
    "plain": dict(files=one(WHOLE)),
    # A tied head that is stored.
    "tied, only the embedding": config(**TIED, files=one(NO_HEAD)),
    "tied, only the head": config(**TIED, files=one(LAYERS | {HEAD: HEAD})),
    "tied, both the same": config(**TIED, files=one(WHOLE | {HEAD: EMBEDDING})),
    "tied, both differ": config(**TIED, note=DIFFERS),
    "tied, the last value differs": config(
        **TIED, files=one(WHOLE | {HEAD: "embedding, last value changed"}), note=DIFFERS
    ),
    "tied, the same values in f32": config(**TIED, files=one(WHOLE | {HEAD: "embedding f32"})),
    "tied, finer values in f32": config(**TIED, files=one(WHOLE | {HEAD: "embedding f32, finer"}), note=DIFFERS),
    "tied, 0 and -0": config(**TIED, files=one(WHOLE | {EMBEDDING: "embedding with 0", HEAD: "embedding with -0"})),
    "tied, both differ, in two files": config(**TIED, files=sharded(WHOLE), note=DIFFERS),
    "tied, a head of another shape": config(
        **TIED, files=one(WHOLE | {HEAD: "weight [40,8]"}), refuses=r"lm_head\.weight — expected shape \[40, 16\]"
    ),
    "tied, a head in f8": config(
        **TIED, files=one(WHOLE | {HEAD: "embedding f8"}), refuses=r"lm_head\.weight — expected dtype .* got F8_E4M3"
    ),
    "untied, no head": config(files=one(NO_HEAD), refuses=r"lm_head\.weight — .*does not tie"),
    "tie not written, no head": config(
        tie_word_embeddings=..., files=one(NO_HEAD), refuses=r"lm_head\.weight — .*does not tie"
    ),
    "untied, both the same": dict(files=one(WHOLE | {HEAD: EMBEDDING})),
    # The prefix of the base model.
    "base model, tied": config(**TIED, architectures=["LlamaModel"], files=one(BASE)),
    "base model, untied": config(architectures=["LlamaModel"], files=one(BASE), refuses=r"lm_head\.weight"),
    "base model and a head": config(files=one(BASE | {HEAD: HEAD})),
    "base model, tied, in two files": config(**TIED, files=sharded(BASE)),
    "base model, tied, Qwen2": config(
        **QWEN, **TIED, files=one(BASE | {name.removeprefix("model."): name for name in QKV})
    ),
    "base model, tied, both differ": config(**TIED, files=one(BASE | {HEAD: HEAD}), note=DIFFERS),
    "prefix twice": dict(files=one({f"model.{name}": pooled for name, pooled in WHOLE.items()})),
    "prefix at some": dict(files=one({n.removeprefix("model.") if "mlp" in n else n: p for n, p in WHOLE.items()})),
    "one parameter by two names": dict(
        files=one(WHOLE | TWO_NAMES), refuses=r"layers\.0\.mlp\.up_proj\.weight — expected one tensor for"
    ),
    "another prefix": dict(
        files=one({f"_orig_mod.{name}": pooled for name, pooled in WHOLE.items()}),
        refuses=r"model\.embed_tokens\.weight — .* got others, such as _orig_mod\.model\.",
    ),
    # Tensors that are no parameter.
    "inverse frequencies": extra(
        note=r"2 tensors left out.*layers\.\*\.self_attn\.rotary_emb\.inv_freq",
        model__layers__0__self_attn__rotary_emb__inv_freq="inv_freq",
        model__layers__1__self_attn__rotary_emb__inv_freq="inv_freq",
    ),
    "frequencies and cached angles": extra(
        note="cos_cached",
        model__rotary_emb__inv_freq="inv_freq",
        **{f"{ATTENTION}rotary_emb__cos_cached": "cached", f"{ATTENTION}rotary_emb__sin_cached": "cached"},
    ),
    "position ids": extra(note="position_ids", model__position_ids="positions"),
    "causal masks": extra(
        note="masked_bias",
        **{f"{ATTENTION}bias": "mask", f"{ATTENTION}masked_bias": "scalar", "model__layers__0__attn__bias": "mask f32"},
    ),
    "three bytes before the weights": dict(files=one({"model.seen": "three truths"} | WHOLE), note="model.seen"),
    "an empty state": extra(note="_extra_state", model__layers__0___extra_state="empty"),
    "a layer beyond": extra(
        r"layers\.2\..* a layer number below 2",
        model__layers__2__mlp__up_proj__weight="model.layers.1.mlp.up_proj.weight",
    ),
    "a buffer of a layer beyond": extra(
        "a layer number below 2", model__layers__2__self_attn__rotary_emb__inv_freq="inv_freq"
    ),
    "a bias": extra(
        r"q_proj\.bias — .*got a bias", **{f"{ATTENTION}q_proj__bias": "model.layers.1.self_attn.q_proj.bias"}
    ),
    "a bias of the head": extra(r"lm_head\.bias — .*got a bias", lm_head__bias="weight [4]"),
    "a norm of queries": extra(r"q_norm\.weight — .*got a norm", **{f"{ATTENTION}q_norm__weight": "weight [4]"}),
    "an adapter": extra(
        r"lora_A.* — .*got a part of an adapter", **{f"{ATTENTION}q_proj__lora_A__weight": "weight [4]"}
    ),
    "a scale": extra("weight_scale — .*quantized", **{f"{ATTENTION}q_proj__weight_scale": "scalar"}),
    "packed weights": extra("qweight — .*quantized", **{f"{ATTENTION}q_proj__qweight": "packed"}),
    "a cache scale": extra("k_scale — .*quantized", **{f"{ATTENTION}k_proj__k_scale": "scalar"}),
    "another head": extra(r"score\.weight — expected only the tensors", score__weight="weight [40,8]"),
    # Types and files.
    "f16, f32 and bf16": dict(files=one(WHOLE | MIXED)),
    "f64": dict(
        files=one(WHOLE | {EMBEDDING: "embedding f64"}), refuses=r"embed_tokens\.weight — expected dtype .*got f64"
    ),
    "f8": dict(files=one(WHOLE | {EMBEDDING: "embedding f8"}), refuses=r"embed_tokens\.weight — .*got F8_E4M3"),
    "one file and an index": dict(files=sharded(WHOLE) | OTHER_SINGLE),
    "a tensor in two files": dict(files=sharded(WHOLE) | LATER),
    "a file of another name": dict(files={"weights of mine.safetensors": WHOLE}),
    # config.json.
    "swish": config(hidden_act="swish"),
    "gelu": config(hidden_act="gelu", refuses="hidden_act"),
    "rope_parameters and rope_scaling": config(
        rope_theta=...,
        rope_parameters={"rope_type": "default", "rope_theta": 500000.0},
        rope_scaling={"rope_type": "linear", "factor": 4.0},
        note="rope_scaling counts",
    ),
    "rope_parameters, rope_scaling null": config(
        rope_theta=..., rope_parameters={"rope_type": "default", "rope_theta": 500000.0}, rope_scaling=None
    ),
    "llama3, original length at the top level": config(rope_scaling=LLAMA3, original_max_position_embeddings=6),
    "llama3, original length nowhere": config(rope_scaling=LLAMA3, max_position_embeddings=16),
    "yarn": config(rope_scaling={"rope_type": "yarn", "factor": 4.0}, refuses="rope_scaling.rope_type"),
    "windows that a Llama has not": config(use_sliding_window=True, sliding_window=2),
    "Qwen2, no layer has a window": config(
        **QWEN, use_sliding_window=True, sliding_window=3, max_window_layers=2, files=one(WHOLE | QKV)
    ),
    "Qwen2, every layer has a window": config(
        **QWEN, use_sliding_window=True, sliding_window=3, max_window_layers=0, files=one(WHOLE | QKV)
    ),
    "Qwen2, one layer has a window": config(
        **QWEN,
        use_sliding_window=True,
        sliding_window=3,
        max_window_layers=1,
        files=one(WHOLE | QKV),
        refuses="max_window_layers",
    ),
    "Qwen2, layer types": config(
        **QWEN,
        use_sliding_window=True,
        sliding_window=3,
        max_window_layers=0,
        layer_types=["full_attention"] * 2,
        files=one(WHOLE | QKV),
    ),
    "Mistral with a window": config(**(MISTRAL | {"sliding_window": 3})),
    "Mistral, full layers": config(**(MISTRAL | {"sliding_window": 3}), layer_types=["full_attention"] * 2),
    "Mistral, sliding layers": config(**(MISTRAL | {"sliding_window": 3}), layer_types=["sliding_attention"] * 2),
    "Mistral, both": config(
        **(MISTRAL | {"sliding_window": 3}),
        layer_types=["full_attention", "sliding_attention"],
        refuses="layer_types",
    ),
    "biases": config(
        attention_bias=True,
        mlp_bias=True,
        files=one(WHOLE | {name: name for layer in range(2) for name in bias_names(layer, *ALL_BIASES)}),
    ),
    "biases that are not stored": config(attention_bias=True, refuses=r"q_proj\.bias — expected a tensor"),
    "heads written as null": config(
        head_dim=None, num_key_value_heads=None, refuses=r"k_proj\.weight — expected shape"
    ),
    "a head size of null": config(head_dim=None),
    "more rows than the vocabulary": config(vocab_size=32, refuses=r"expected shape \[32, 16\]"),
    "fewer rows than the vocabulary": config(vocab_size=48, refuses=r"expected shape \[48, 16\]"),
    "old and odd members": config(
        pretraining_tp=2,
        pad_token_id=-1,
        eos_token_id=[2, 3],
        bos_token_id=None,
        dtype="float16",
        torch_dtype="bfloat16",
        _name_or_path="some/where",
        quantization_config=None,
        rope_scaling=None,
        auto_map={"AutoConfig": "other.Config"},
        attn_implementation="eager",
    ),
    "NaN and infinity": config(initial_loss=float("nan"), limits=[float("inf"), "NaN", float("-inf")]),
    "numbers as texts": config(vocab_size="40", refuses="vocab_size — expected a number"),
    "tied as text": config(tie_word_embeddings="false", refuses="tie_word_embeddings — expected true or false"),
    "no model_type": config(model_type=..., refuses="model_type"),
    "a nested configuration": config(model_type="llava", text_config=CONFIG, refuses="model_type"),
    "quantized": config(quantization_config={"quant_method": "gptq", "bits": 4}, refuses="quantization_config"),
    "one layer of another kind": config(per_layer_config={"1": {"hidden_act": "gelu"}}, refuses="per_layer_config"),
    "weights named in config.json": config(
        transformers_weights="b.safetensors",
        files={"b.safetensors": WHOLE} | OTHER_SINGLE,
        refuses="transformers_weights",
    ),
}


SETS = {"whole": WHOLE, "headless": NO_HEAD, "base": BASE, "nothing": {}}


def described(tensors):
    """The tensors of a file as differences from the set that is nearest; null for one that is missing."""

    def changes(known):
        named = {name: pooled for name, pooled in tensors.items() if known.get(name) != pooled}
        return named | {name: None for name in known if name not in tensors}

    nearest = min(SETS, key=lambda name: len(changes(SETS[name])))
    first = next(iter(tensors))
    return {"set": nearest, "first": None if first in SETS[nearest] else first, "changes": changes(SETS[nearest])}


def write(folder, files, members):
    for file, tensors in files.items():
        save_file({name: POOL[pooled].clone() for name, pooled in tensors.items()}, folder / file, {"format": "pt"})
    shards = {file: tensors for file, tensors in files.items() if file != SINGLE}
    if shards:
        (folder / INDEX).write_text(json.dumps(index_of(shards)))
    (folder / "config.json").write_text(json.dumps(members))


def ask(folder):
    """The logits after the last id, and what transformers says of the tensors."""
    try:
        model, found = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    except Exception as error:
        return {"transformers": f"{type(error).__name__}: {str(error).strip().splitlines()[0][:80]}"}
    says = {key: shortened(found[f"{key}_keys"]) for key in ("missing", "unexpected") if found[f"{key}_keys"]}
    with torch.no_grad():
        logits = model.eval()(torch.tensor([IDS]), use_cache=False).logits[0, -1]
    return {"transformers": says or "reads", "logits": [float(f"{value:.8g}") for value in logits.tolist()]}


def shortened(names):
    return sorted(names)[:3] + ([f"and {len(names) - 3} more"] if len(names) > 3 else [])


def main():
    warnings.filterwarnings("ignore")
    logging.disable(logging.ERROR)
    transformers.logging.disable_progress_bar()
    HERE.mkdir(exist_ok=True)
    save_file({name: value.contiguous() for name, value in POOL.items()}, HERE / "pool.safetensors")
    lines = []
    for name, variant in VARIANTS.items():
        given = CONFIG | variant.get("config", {})
        members = {key: value for key, value in given.items() if value is not ...}
        with tempfile.TemporaryDirectory() as made:
            write(pathlib.Path(made), variant["files"], members)
            answer = ask(made)
            answer["transformers"] = json.loads(json.dumps(answer["transformers"]).replace(made, "FOLDER"))
        refuses = variant.get("refuses")
        if refuses is None and "logits" not in answer:
            raise SystemExit(f"{name}: transformers does not read it: {answer}")
        if refuses is not None:
            answer.pop("logits", None)
        written = {"name": name, "config": None if members == CONFIG else json.dumps(members)}
        written["files"] = {file: described(tensors) for file, tensors in variant["files"].items()}
        lines.append(json.dumps(written | {"refuses": refuses, "note": variant.get("note")} | answer))
        print(f"{name}: {answer['transformers']}")
    versions = {"torch": torch.__version__, "transformers": transformers.__version__}
    joined = ",\n".join(lines)
    (HERE / "variants.json").write_text(
        f'{{"versions":{json.dumps(versions)},"ids":{IDS},"config":{json.dumps(CONFIG)},\n"sets":{json.dumps(SETS)},\n'
        f'"variants":[\n{joined}\n]}}\n'
    )


if __name__ == "__main__":
    main()
