"""Parquet columns of type map<string, …>."""

import pyarrow as pa, pyarrow.parquet as pq
import answers, tiny

answers.begin(__file__, "parquet-map")
template = "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% for name, value in m.arguments.items() %}<{{ name }}={{ value }}>{% endfor %}{% endfor %}"
cfg = tiny.config(276, num_hidden_layers=1)
tiny.write_folder(
    "chat",
    cfg,
    tiny.weights(cfg),
    tiny.byte_bpe(276),
    {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|end|>", "chat_template": template},
)
turn = pa.struct([("role", pa.string()), ("content", pa.string()), ("arguments", pa.map_(pa.string(), pa.string()))])
talks = [
    [
        {"role": "user", "content": "Weather?", "arguments": []},
        {"role": "assistant", "content": "", "arguments": [("harbour", "north"), ("unit", "knots")]},
    ],
    [
        {"role": "user", "content": "Boats?", "arguments": [("noon", "seven")]},
        {"role": "assistant", "content": "Seven.", "arguments": []},
    ],
]
pq.write_table(pa.table({"messages": pa.array(talks, pa.list_(turn))}), "talks.parquet")
pq.write_table(
    pa.table(
        {
            "text": ["The lamp is lit.", "The fog is gone."],
            "extra": pa.array([[("a", 1)], []], pa.map_(pa.string(), pa.int64())),
        }
    ),
    "beside.parquet",
)
answers.finish(
    "parquet-map",
    "A map is a mapping with all its entries, in their order, their keys as text.",
    [
        {
            "name": "in conversations",
            "do": "read",
            "model": "chat",
            "files": ["talks.parquet"],
            "as": {"messages": "messages", "model": "chat"},
            "mayRefuse": "(?<!parquet-)\\bmap\\b",
            "note": "pyarrow gives lists of pairs; a mapping is meant. datasets refuses such columns. A refusal that says it is a map is as good.",
        },
        {
            "name": "beside the text",
            "do": "read",
            "files": ["beside.parquet"],
            "as": {"field": "text"},
            "note": "A map in a column that nobody asks for is in nobody's way.",
        },
    ],
)
