"""A model for the cases that need one and do not ask which."""

import tiny, os

os.chdir(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cases"))
cfg = tiny.config(276, num_hidden_layers=1)
tiny.write_folder(
    "any-model",
    cfg,
    tiny.weights(cfg),
    tiny.byte_bpe(276),
    {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|end|>"},
)
