"""`hidden_act: "swish"`, another name of silu."""

import answers, forward, tiny, json
from tokenizers import Tokenizer

answers.begin(__file__, "hidden-act-swish")
made = tiny.byte_bpe(276)
PROMPT, cfg = "Is the lamp lit?", tiny.config(276, hidden_act="swish")
ids = Tokenizer.from_str(json.dumps(made)).encode(PROMPT).ids
weights = forward.choose(tiny.weights, cfg, [(ids, {})], new=6)
tiny.write_folder("swish", cfg, weights, made, {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|end|>"})
answers.finish(
    "hidden-act-swish",
    "swish is silu.",
    [
        {
            "name": "swish",
            "do": "generate",
            "model": "swish",
            "prompt": PROMPT,
            "new": 6,
            "second": answers.by_numpy(weights, cfg),
        }
    ],
)
