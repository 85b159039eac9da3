"""config.json ties head and embedding, but the file has both, with different values."""

import answers, forward, tiny

answers.begin(__file__, "tied-head-differs")
made = tiny.byte_bpe(276)
PROMPT, cfg = "When the fog", tiny.config(276)
from tokenizers import Tokenizer
import json

ids = Tokenizer.from_str(json.dumps(made)).encode(PROMPT).ids
weights = forward.choose(tiny.weights, cfg, [(ids, {}), (ids, {"tied": True})], [], new=6)
tied = {**cfg, "tie_word_embeddings": True}
same = {**weights, "lm_head.weight": weights["model.embed_tokens.weight"]}
config = {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|end|>"}
tiny.write_folder("both-differ", tied, weights, made, config)
tiny.write_folder("both-same", tied, same, made, config)
answers.finish(
    "tied-head-differs",
    "tie_word_embeddings is true, and the file holds an lm_head.weight of its own: what the file holds counts, so the two are not tied.",
    [
        {
            "name": "both stored, other values",
            "do": "generate",
            "model": "both-differ",
            "prompt": PROMPT,
            "new": 6,
            "mayRefuse": "lm_head",
            "note": "transformers 5 warns and does not tie; transformers 4 ties in silence. A refusal that names lm_head is as good. Training, export and merging must see the same model.",
            "second": answers.by_numpy(weights, cfg),
        },
        {
            "name": "both stored, same values",
            "do": "generate",
            "model": "both-same",
            "prompt": PROMPT,
            "new": 6,
            "note": "Tied.",
            "second": answers.by_numpy(weights, cfg, tied=True),
        },
    ],
)
