"""Makes test/golden/gguf: tiny models with a tokenizer, what llama.cpp's converter makes of them, and blocks with
their q8_0.

Run with Python, torch, transformers, tokenizers and gguf installed and a checkout of
https://github.com/ggml-org/llama.cpp:
python3 test/golden/make-gguf.py LLAMA_CPP
"""

import base64
import hashlib
import json
import pathlib
import shutil
import sys
import tempfile

import numpy as np
import torch
import transformers
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

CHECKOUT = pathlib.Path(sys.argv[1])
sys.path[:0] = [str(CHECKOUT), str(CHECKOUT / "gguf-py")]
import gguf  # noqa: E402
from conversion import get_model_class  # noqa: E402

HERE = pathlib.Path(__file__).parent / "gguf"
LLAMA3_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
LLAMA3 = {
    "rope_type": "llama3",
    "rope_theta": 10000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 16,
}
# Rows of the second feed-forward matrix, 48 long, are no whole blocks of q8_0; 64 are. Two rows of the embedding have
# no token.
MODELS = {
    "tied-llama3-rope": dict(
        tie_word_embeddings=True, rope_parameters=LLAMA3, intermediate_size=48, dtype=torch.bfloat16
    ),
    "untied": dict(
        tie_word_embeddings=False,
        rope_parameters={"rope_type": "default", "rope_theta": 500000.0},
        intermediate_size=64,
        head_dim=12,
        dtype=torch.float32,
    ),
    "biases-linear-rope": dict(
        tie_word_embeddings=True,
        rope_parameters={"rope_type": "linear", "rope_theta": 10000.0, "factor": 4.0},
        intermediate_size=64,
        attention_bias=True,
        mlp_bias=True,
        dtype=torch.bfloat16,
    ),
    "qwen2": dict(
        tie_word_embeddings=True,
        rope_parameters={"rope_type": "default", "rope_theta": 10000.0},
        intermediate_size=64,
        dtype=torch.bfloat16,
    ),
}
VOCABULARY = 300


def make_tokenizer(folder):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(LLAMA3_PATTERN), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - 4,
        special_tokens=["<|begin_of_text|>", "<|end_of_text|>"],
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator(["the cat sat on the mat and then the rat ran to the cat " * 4], trainer)
    tokenizer.add_tokens(["<|unmarked|>", "[tool]"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<|begin_of_text|> $A", special_tokens=[("<|begin_of_text|>", 0)]
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<|begin_of_text|>", eos_token="<|end_of_text|>"
    )
    fast.chat_template = "{% for message in messages %}{{ message.content }}{% endfor %}"
    fast.save_pretrained(folder)


def make_model(folder, dtype, **settings):
    torch.manual_seed(len(settings))
    make_config, make = (Qwen2Config, Qwen2ForCausalLM) if folder.name == "qwen2" else (LlamaConfig, LlamaForCausalLM)
    config = make_config(
        vocab_size=VOCABULARY,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=128,
        rms_norm_eps=1e-5,
        bos_token_id=0,
        eos_token_id=1,
        **settings,
    )
    model = make(config).float()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            noise = torch.randn_like(weight)
            weight.copy_(1 + 0.2 * noise if "norm" in name else 0.25 * noise)
    model.to(dtype).save_pretrained(folder)
    (folder / "generation_config.json").unlink()
    make_tokenizer(folder)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def convert(folder, file_type, out):
    model_class = get_model_class(json.loads((folder / "config.json").read_text())["architectures"][0])
    # It knows tokenizers by a hash of what they make of a text; this one is new.
    model_class.get_vocab_base_pre = lambda self, tokenizer: "dbrx"
    model_class(folder, file_type, out).write()
    reader = gguf.GGUFReader(out)
    metadata = {}
    for key, field in reader.fields.items():
        value = field.contents()
        metadata[key] = (
            {"sha256": sha256(json.dumps(value, ensure_ascii=False).encode())} if isinstance(value, list) else value
        )
    tensors = {
        tensor.name: {
            "type": tensor.tensor_type.name,
            "shape": tensor.shape.tolist(),
            "sha256": sha256(tensor.data.tobytes()),
        }
        for tensor in reader.tensors
    }
    factors = [tensor.data.tolist() for tensor in reader.tensors if tensor.name == "rope_freqs.weight"]
    return {"metadata": metadata, "tensors": tensors, "ropeFactors": factors[0] if factors else None}


def q8_blocks():
    """Blocks of all magnitudes, some with a scale that f16 rounds to zero; of zeros; with halves, where roundings
    differ."""
    noise = np.random.default_rng(1).standard_normal((24, 32)).astype(np.float32)
    scales = np.float32(10.0) ** np.arange(-12, 12, dtype=np.float32)[:, None] * np.float32(1e-3)
    halves = (np.arange(32, dtype=np.float32) - 15.5)[None]
    halves[0, 0] = 127
    values = np.concatenate([noise * np.minimum(scales, 1e5), np.zeros((1, 32), np.float32), halves]).astype(np.float32)
    quantised = gguf.quants.quantize(values, gguf.GGMLQuantizationType.Q8_0)
    encoded = lambda array: base64.b64encode(array.tobytes()).decode()
    return {"values": encoded(values), "q8_0": encoded(quantised)}


def main():
    # Otherwise the tokenizer beside a Qwen2 model gets Qwen2's own marks.
    transformers.AutoTokenizer.from_pretrained = PreTrainedTokenizerFast.from_pretrained
    shutil.rmtree(HERE, ignore_errors=True)
    golden = {"q8Blocks": q8_blocks(), "models": {}}
    kinds = {"f32": "ALL_F32", "f16": "MOSTLY_F16", "bf16": "MOSTLY_BF16", "q8_0": "MOSTLY_Q8_0"}
    for name, settings in MODELS.items():
        folder = HERE / name
        folder.mkdir(parents=True)
        make_model(folder, **settings)
        with tempfile.TemporaryDirectory() as temporary:
            golden["models"][name] = {
                kind: convert(folder, gguf.LlamaFileType[file_type], pathlib.Path(temporary) / f"{kind}.gguf")
                for kind, file_type in kinds.items()
            }
    (HERE / "golden.json").write_text(json.dumps(golden, indent=1) + "\n")


main()
