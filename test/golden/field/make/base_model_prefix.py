"""A folder that AutoModel saved: tensors without the prefix `model.`, tied, architecture LlamaModel."""

import answers, forward, tiny, json
from tokenizers import Tokenizer

answers.begin(__file__, "base-model-prefix")
made = tiny.byte_bpe(276)
PROMPT = "The keeper has"
ids = Tokenizer.from_str(json.dumps(made)).encode(PROMPT).ids
cfg = tiny.config(276, tie_word_embeddings=True, architectures=["LlamaModel"])
weights = forward.choose(tiny.weights, cfg, [(ids, {"tied": True})], new=6)
tiny.write_folder(
    "tied",
    cfg,
    {name.removeprefix("model."): values for name, values in weights.items()},
    made,
    {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|end|>"},
)
answers.finish(
    "base-model-prefix",
    "AutoModel(...).save_pretrained writes tensors without `model.`; with a tied head they are the whole model.",
    [
        {
            "name": "tied",
            "do": "generate",
            "model": "tied",
            "prompt": PROMPT,
            "new": 6,
            "second": answers.by_numpy(weights, cfg, tied=True),
        }
    ],
)
