"""NaN and Infinity in JSON, as Python writes them."""

import json
import answers, tiny

answers.begin(__file__, "json-nan")
rows = [
    {"text": "The lamp is lit.", "score": float("nan")},
    {"text": "NaN, Infinity and -Infinity are words here.", "score": 0.5},
    {"text": "The wind turns.", "score": float("-inf"), "all": [1, float("inf")]},
]
tiny.write_text("scores.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
tiny.write_text("scores.json", json.dumps(rows))
answers.finish(
    "json-nan",
    "Python's json writes and reads NaN, Infinity and -Infinity; such a record is a record, and no text changes.",
    [
        {"name": name, "do": "read", "files": [name], "as": {"field": "text"}}
        for name in ("scores.jsonl", "scores.json")
    ],
)
