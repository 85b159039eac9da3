"""Whole numbers above 2^53 that a template prints."""

import json
import pyarrow as pa, pyarrow.parquet as pq
import answers, tiny

answers.begin(__file__, "big-integers")
numbers = [9007199254740993, -9007199254740993, 1234567890123456789, 42]
tiny.write_text("ids.jsonl", "".join(json.dumps({"id": n, "text": f"boat {i}"}) + "\n" for i, n in enumerate(numbers)))
tiny.write_text(
    "larger.jsonl", '{"id": 123456789012345678901234567890, "text": "a"}\n{"id": 18446744073709551615, "text": "b"}\n'
)
pq.write_table(pa.table({"id": pa.array(numbers, pa.int64()), "text": [f"boat {i}" for i in range(4)]}), "ids.parquet")
cfg, template = (
    tiny.config(276, num_hidden_layers=1),
    "{% for m in messages %}{{ m.role }} {{ m.id }} {{ m.args | tojson }};{% endfor %}",
)
tiny.write_folder(
    "chat",
    cfg,
    tiny.weights(cfg),
    tiny.byte_bpe(276),
    {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|end|>", "chat_template": template},
)
tiny.write_text(
    "talks.jsonl",
    json.dumps(
        {
            "messages": [
                {"role": "user", "content": "", "id": 9007199254740993, "args": {"key": 1234567890123456789}},
                {"role": "assistant", "content": "", "id": 7, "args": {}},
            ]
        }
    )
    + "\n",
)
as_template = {"template": "{id}: {text}"}
answers.finish(
    "big-integers",
    "A whole number keeps its digits, from JSON and from parquet, in the recipe's template and in a chat template.",
    [
        {"name": "JSON", "do": "read", "files": ["ids.jsonl"], "as": as_template},
        {
            "name": "JSON, above 64 bits",
            "do": "read",
            "files": ["larger.jsonl"],
            "as": as_template,
            "note": "Python's json keeps the digits; datasets makes 64-bit floats of numbers above 64 bits. A refusal that names the record is as good.",
            "mayRefuse": "larger\\.jsonl:1",
        },
        {"name": "parquet int64", "do": "read", "files": ["ids.parquet"], "as": as_template},
        {
            "name": "in a conversation",
            "do": "read",
            "model": "chat",
            "files": ["talks.jsonl"],
            "as": {"messages": "messages", "model": "chat"},
        },
    ],
)
