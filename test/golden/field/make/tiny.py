"""Tiny tokenizers and models for the cases: everything is trained from the sentences below or drawn from a seed."""

import json, os, struct
import numpy as np

TEXT = [
    "The old harbour is quiet when the fog comes in from the sea.",
    "Nine boats left before dawn, and seven came back at noon.",
    "Mara counts 24 nets, mends 9 of them, and leaves 15 for tomorrow.",
    "Is the lamp lit? It isn't, but the keeper has the matches.",
    "A grey gull sat on the wall; then it flew over the harbour.",
    "When the wind turns, the boats come home with the fog behind them.",
]


def byte_bpe(size=276, specials=("<|end|>",), template=None):
    """A byte-level BPE of `tokenizers`, as the dictionary that tokenizer.json holds. Specials have the first ids."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=list(specials),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(TEXT, trainer)
    made = json.loads(tokenizer.to_str())
    made["post_processor"] = None
    if template:
        made["post_processor"] = begin_template(template, made["model"]["vocab"][template])
    return made


def begin_template(token, id):
    """The post-processor that adds a token before every text."""
    piece = {"SpecialToken": {"id": token, "type_id": 0}}
    text = lambda letter: {"Sequence": {"id": letter, "type_id": 0}}
    return {
        "type": "TemplateProcessing",
        "single": [piece, text("A")],
        "pair": [piece, text("A"), text("B")],
        "special_tokens": {token: {"id": token, "ids": [id], "tokens": [token]}},
    }


def added(content, id=None, special=True, **flags):
    """An entry of `added_tokens` (with an id) or of `added_tokens_decoder` (without)."""
    entry = {} if id is None else {"id": id}
    return {
        **entry,
        "content": content,
        "single_word": False,
        "lstrip": False,
        "rstrip": False,
        "normalized": False,
        "special": special,
        **flags,
    }


def sentencepiece_model(path, size=320, kind="bpe"):
    import io, sentencepiece

    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXT),
        model_writer=out,
        vocab_size=size,
        model_type=kind,
        byte_fallback=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        allow_whitespace_only_pieces=True,
        hard_vocab_limit=False,
        num_threads=1,
        minloglevel=2,
    )
    with open(path, "wb") as file:
        file.write(out.getvalue())
    return sentencepiece.SentencePieceProcessor(model_file=path).get_piece_size()


def config(vocab, **more):
    """config.json of a Llama of one or two layers and width 16. A key given as ... is left out."""
    made = dict(
        architectures=["LlamaForCausalLM"],
        model_type="llama",
        vocab_size=vocab,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=128,
        rms_norm_eps=1e-5,
        hidden_act="silu",
        rope_theta=10000.0,
        tie_word_embeddings=False,
        bos_token_id=0,
        eos_token_id=0,
        torch_dtype="bfloat16",
    )
    made.update(more)
    return {key: value for key, value in made.items() if value is not ...}


def bf16(values):
    """Rounds to bf16, which the files hold: all programs then compute from the same numbers."""
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).astype(np.uint32).view(np.float32)


def weights(cfg, seed=1, scale=0.5):
    draw = np.random.default_rng(seed)
    width, inner, vocab, heads = (
        cfg["hidden_size"],
        cfg["intermediate_size"],
        cfg["vocab_size"],
        cfg["num_attention_heads"],
    )
    keys, head = cfg["num_key_value_heads"], cfg.get("head_dim") or width // heads
    normal = lambda *shape: bf16(draw.standard_normal(shape) * scale)
    made = {"model.embed_tokens.weight": normal(vocab, width)}
    for layer in range(cfg["num_hidden_layers"]):
        at = f"model.layers.{layer}."
        shapes = {
            "self_attn.q_proj": (heads * head, width),
            "self_attn.k_proj": (keys * head, width),
            "self_attn.v_proj": (keys * head, width),
            "self_attn.o_proj": (width, heads * head),
            "mlp.gate_proj": (inner, width),
            "mlp.up_proj": (inner, width),
            "mlp.down_proj": (width, inner),
        }
        for norm in ("input_layernorm", "post_attention_layernorm"):
            made[f"{at}{norm}.weight"] = bf16(1 + 0.2 * normal(width))
        for name, shape in shapes.items():
            made[f"{at}{name}.weight"] = normal(*shape)
            if cfg["model_type"] == "qwen2" and name[-6:] in ("q_proj", "k_proj", "v_proj"):
                made[f"{at}{name}.bias"] = normal(shape[0])
    made["model.norm.weight"] = bf16(1 + 0.2 * normal(width))
    if not cfg.get("tie_word_embeddings"):
        made["lm_head.weight"] = normal(vocab, width)
    return made


def write_json(path, value):
    with open(path, "w", encoding="utf-8", newline="") as file:
        json.dump(value, file, ensure_ascii=False)


def write_text(path, text):
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text)


def write_safetensors(path, tensors):
    header, at = {"__metadata__": {"format": "pt"}}, 0
    for name, values in tensors.items():
        end = at + 2 * values.size
        header[name] = {"dtype": "BF16", "shape": list(values.shape), "data_offsets": [at, end]}
        at = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for values in tensors.values():
            file.write((np.ascontiguousarray(values).view(np.uint32) >> 16).astype("<u2").tobytes())


def write_folder(folder, cfg=None, tensors=None, tokenizer=None, tokenizer_config=None, **files):
    """A Hugging Face folder; `files` are further JSON files by name without ending, such as added_tokens={...}."""
    os.makedirs(folder, exist_ok=True)
    every = {"config": cfg, "tokenizer": tokenizer, "tokenizer_config": tokenizer_config, **files}
    for name, value in every.items():
        if value is not None:
            write_json(f"{folder}/{name}.json", value)
    if tensors is not None:
        write_safetensors(f"{folder}/model.safetensors", tensors)


def write_gpt2_files(folder, tokenizer, header="#version: 0.2", ends="\n"):
    """vocab.json and merges.txt of a byte-level BPE."""
    os.makedirs(folder, exist_ok=True)
    write_text(
        f"{folder}/vocab.json",
        json.dumps(tokenizer["model"]["vocab"], ensure_ascii=False, indent=0).replace("\n", ends),
    )
    lines = ([header] if header else []) + [" ".join(pair) for pair in tokenizer["model"]["merges"]]
    write_text(f"{folder}/merges.txt", "".join(line + ends for line in lines))
