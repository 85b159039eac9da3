"""Llama 3's rope whose original length is at the top level of config.json, or nowhere."""

import answers, forward, tiny, json
from tokenizers import Tokenizer

answers.begin(__file__, "llama3-rope-original-outside")
made = tiny.byte_bpe(276)
PROMPT = "Nine boats left before dawn, and seven came back at noon with the fog behind them."
ids = Tokenizer.from_str(json.dumps(made)).encode(PROMPT).ids
ROPE = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}
mean = lambda original: {
    "rope": {"kind": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original": original}
}
outside = tiny.config(276, max_position_embeddings=512, original_max_position_embeddings=24, rope_scaling=ROPE)
absent = tiny.config(276, max_position_embeddings=512, rope_scaling=ROPE)
weights = forward.choose(tiny.weights, outside, [(ids, mean(24)), (ids, mean(512))], [], new=6)
config = {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|end|>"}
tiny.write_folder("top-level", outside, weights, made, config)
tiny.write_folder("nowhere", absent, weights, made, config)
answers.finish(
    "llama3-rope-original-outside",
    "original_max_position_embeddings of Llama 3's rope: inside rope_scaling, else at the top level, else max_position_embeddings.",
    [
        {
            "name": "top level",
            "do": "generate",
            "model": "top-level",
            "prompt": PROMPT,
            "new": 6,
            "second": answers.by_numpy(weights, outside, **mean(24)),
        },
        {
            "name": "nowhere",
            "do": "generate",
            "model": "nowhere",
            "prompt": PROMPT,
            "new": 6,
            "mayRefuse": "original_max_position_embeddings",
            "note": "transformers falls back on max_position_embeddings; a refusal that names the missing key is as good.",
            "second": answers.by_numpy(weights, absent, **mean(512)),
        },
    ],
)
