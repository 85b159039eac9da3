"""Headers of safetensors that are JSON, but no header."""

import json, struct
import answers, tiny

answers.begin(__file__, "safetensors-header")
cfg, made = tiny.config(276, num_hidden_layers=1), tiny.byte_bpe(260)
EMBEDDING = "model.embed_tokens.weight"
whole = {"dtype": "BF16", "shape": [276, 16], "data_offsets": [0, 8832]}
without = lambda *keys: {key: value for key, value in whole.items() if key not in keys}
headers = {
    "null": None,
    "list": [],
    "entry-null": {EMBEDDING: None},
    "no-shape": {EMBEDDING: without("shape")},
    "no-offsets": {EMBEDDING: without("data_offsets")},
    "offsets-one": {EMBEDDING: {**whole, "data_offsets": [0]}},
    "no-dtype": {EMBEDDING: without("dtype")},
}
cases = []
for name, header in headers.items():
    tiny.write_folder(name, cfg, None, made, {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|end|>"})
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(f"{name}/model.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + bytes(8832))
    says = ["model\\.safetensors"] + ([EMBEDDING.replace(".", "\\.")] if isinstance(header, dict) else ["header"])
    cases.append({"name": name, "do": "refuse", "who": "safetensors", "model": name, "says": says})
answers.finish(
    "safetensors-header",
    "A header that is no header is refused with the file's name and the entry that is wrong, never with a stack of the program.",
    cases,
)
