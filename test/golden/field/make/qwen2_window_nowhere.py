"""Qwen2 with `use_sliding_window: true` where no layer has a window."""

import answers, forward, tiny, json
from tokenizers import Tokenizer

answers.begin(__file__, "qwen2-window-nowhere")
made = tiny.byte_bpe(276)
PROMPT = "A grey gull sat on the wall; then it flew"
ids = Tokenizer.from_str(json.dumps(made)).encode(PROMPT).ids
base = dict(model_type="qwen2", architectures=["Qwen2ForCausalLM"], use_sliding_window=True)
folders = {
    "layers-below": tiny.config(276, **base, sliding_window=4, max_window_layers=2),
    "window-null": tiny.config(276, **base, sliding_window=None, max_window_layers=0),
}
weights = forward.choose(tiny.weights, folders["layers-below"], [(ids, {})], new=6)
notes = {
    "layers-below": "Windows begin at layer max_window_layers: at 2, of 2 layers.",
    "window-null": "A window of null is none.",
}
for name, cfg in folders.items():
    tiny.write_folder(name, cfg, weights, made, {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|end|>"})
answers.finish(
    "qwen2-window-nowhere",
    "use_sliding_window that reaches no layer changes nothing: all layers see everything.",
    [
        {
            "name": name,
            "do": "generate",
            "model": name,
            "prompt": PROMPT,
            "new": 6,
            "note": notes[name],
            "second": answers.by_numpy(weights, cfg),
        }
        for name, cfg in folders.items()
    ],
)
