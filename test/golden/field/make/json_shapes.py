"""JSON that is not one object a line: lists in .jsonl, objects over several lines, objects one after another."""

import json
import answers, tiny

answers.begin(__file__, "json-shapes")
rows = [
    {"text": "The fog comes in.", "n": 1},
    {"text": "Nine boats {left} [early].", "n": 2},
    {"text": 'He said "no".', "n": 3},
]
tiny.write_text("list.jsonl", json.dumps(rows))
tiny.write_text("list-lines.jsonl", json.dumps(rows, indent=2) + "\n")
tiny.write_text("one.json", json.dumps(rows[0], indent=2) + "\n")
tiny.write_text("several.json", "\n".join(json.dumps(row, indent=2) for row in rows) + "\n")
tiny.write_text("several.jsonl", "\n".join(json.dumps(row, indent=2) for row in rows) + "\n")
notes = {
    "list.jsonl": "A list in one line.",
    "list-lines.jsonl": "A list over several lines.",
    "one.json": "One object over several lines.",
    "several.json": "Objects one after another, as jq prints them.",
    "several.jsonl": "The same in a .jsonl.",
}
answers.finish(
    "json-shapes",
    "datasets reads all of these; each object is a record.",
    [
        {"name": name, "do": "read", "files": [name], "as": {"field": "text"}, "note": note}
        for name, note in notes.items()
    ],
)
