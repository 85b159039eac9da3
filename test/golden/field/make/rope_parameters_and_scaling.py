"""config.json with `rope_parameters`, as transformers 5 writes it, and `rope_scaling`, as somebody added it by hand."""

import answers, forward, tiny, json
from tokenizers import Tokenizer

answers.begin(__file__, "rope-parameters-and-scaling")
made = tiny.byte_bpe(276)
PROMPT = "Mara counts 24 nets, mends 9 of them, and leaves the harbour behind."
ids = Tokenizer.from_str(json.dumps(made)).encode(PROMPT).ids
SAVED, BY_HAND = {"rope_theta": 500000.0, "rope_type": "default"}, {"rope_type": "linear", "factor": 4.0}
cfg = tiny.config(276, rope_theta=..., rope_parameters=SAVED, rope_scaling=BY_HAND)
right, wrong = (
    {"rope": {"kind": "linear", "factor": 4.0}},
    [{"rope": {"theta": 500000.0}}, {"rope": {"theta": 500000.0, "kind": "linear", "factor": 4.0}}],
)
weights = forward.choose(tiny.weights, cfg, [(ids, right), (ids, wrong[0])], [(ids, wrong[1])], new=6)
only = {**cfg, "rope_scaling": None}
config = {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|end|>"}
tiny.write_folder("both", cfg, weights, made, config)
tiny.write_folder("scaling-null", only, weights, made, config)
answers.finish(
    "rope-parameters-and-scaling",
    "Of rope_parameters and rope_scaling, rope_scaling counts where it is not null, with rope_theta of the top level or the default: rope_parameters is left aside, its theta too.",
    [
        {
            "name": "both",
            "do": "generate",
            "model": "both",
            "prompt": PROMPT,
            "new": 6,
            "mayRefuse": "rope_scaling",
            "note": "transformers 4 knows rope_scaling only: the same tokens. A refusal that names both keys is as good.",
            "second": answers.by_numpy(weights, cfg, **right),
        },
        {
            "name": "rope_scaling null",
            "do": "generate",
            "model": "scaling-null",
            "prompt": PROMPT,
            "new": 6,
            "note": "rope_parameters alone.. transformers 4 does not read rope_parameters.",
            "second": answers.by_numpy(weights, only, **wrong[0]),
        },
    ],
)
