"""Writes records.json: what the `datasets` library makes of files with odd columns.

pip install datasets && python3 test/evaluate/harness/make-records.py
"""

import json
import os
import tempfile
from datetime import datetime

import datasets

lines = {
    "missing members": ['{"a":1,"b":"x"}', '{"b":"y","c":true}', '{"a":2}'],
    "order of columns": ['{"b":1}', '{"a":1,"b":2}', '{"c":1,"a":3}'],
    "whole numbers and floats": ['{"a":1}', '{"a":2.5}', '{"a":3}'],
    "a whole float": ['{"a":1.0}', '{"a":2}'],
    "an exponent": ['{"a":1e3}', '{"a":2}'],
    "64 bits": ['{"a":9223372036854775807}', '{"a":1}'],
    "65 bits": ['{"a":9223372036854775808}', '{"a":1}'],
    "NaN": ['{"a":NaN}', '{"a":1}'],
    "nulls": ['{"a":null,"b":1}', '{"a":null,"b":2}'],
    "lists": ['{"l":[1,2]}', '{"l":[1.5]}', '{"l":[]}', '{"l":null}', '{"l":[null,3]}'],
    "empty lists": ['{"l":[]}', '{"l":[]}'],
    "lists of lists": ['{"l":[[1],[2.5]]}', '{"l":[]}'],
    "objects": ['{"s":{"a":1,"b":null}}', '{"s":{"b":2,"a":2.5}}', '{"s":null}', "{}"],
    "objects with other keys": ['{"s":{"x":1,"y":"q"}}', '{"s":{"x":2}}', '{"s":{"z":[1,2.5]}}', '{"s":null}', "{}"],
    "empty objects": ['{"s":{}}', '{"s":{"a":1}}'],
    "lists of objects": ['{"l":[{"a":1,"b":2},{"a":3}]}', '{"l":[{"b":1.5,"c":"x"}]}'],
    "deep objects": ['{"s":{"t":{"u":1}}}', '{"s":{"t":{"v":1}}}', '{"s":{"t":null}}'],
    "numbers and texts": ['{"a":1}', '{"a":"2"}', '{"a":"x"}', '{"a":"true"}'],
    "texts and lists": ['{"a":"x"}', '{"a":["2"]}', '{"a":"[1]"}', '{"a":null}'],
    "numbers and texts in objects": ['{"s":{"a":1, "b":1}}', '{"s":{"a":"x","b":1.5}}'],
    "numbers and texts in lists": ['{"l":[1,"x"]}', '{"l":["y"]}'],
    "truth and numbers": ['{"a":true}', '{"a":1}'],
    "dates": ['{"d":"2020-01-02"}', '{"d":null}', '{"d":"2020-02-03T01:02:03"}'],
    "early dates": ['{"d":"0001-01-02"}'],
    "time zones": ['{"d":"2020-01-02T03:04:05Z"}', '{"d":"2020-01-02 03:04:05-05"}', '{"d":"2020-01-02 03:04+0130"}'],
    "dates in lists": ['{"l":["2020-01-01 05"]}'],
    "dates and texts": ['{"d":"2020-01-02"}', '{"d":"hello"}'],
    "no dates": ['{"d":"2020-02-30"}', '{"d":"2020-13-01"}'],
    "fractions of seconds": ['{"d":"2020-01-02 03:04:05.678"}'],
    "an array": ['[{"a":1},{"b":2.0}]'],
    "an array in lines": ["[", '{"a":1,"b":[1]},', '{"a":1.5}', "]"],
    "blank lines": ['{"a":1}', "", '{"a":2}'],
    "a byte order mark": ['\ufeff{"a":1}'],
    "characters beyond U+FFFF": ['{"a":"\\ud83d\\ude00"}'],
}
tables = {
    "whole numbers": "a,b\n1,x\n2,NA\n",
    "a missing number": "a,b\n1,x\n,y\n",
    "floats": "a\n1.5\n2\n",
    "truth": "a,b\nTrue,true\nFalse,FALSE\n",
    "missing truth": "a,b\nTrue,1\n,2\n",
    "an empty column": "a,b\n,1\n,2\n",
    "quotes": 'a,b\n"","1"\n"x","2"\n',
    "signs and spaces": "a,b,c\n+1, 2,1e3\n-1,3 ,4\n",
    "leading zeros": "a\n007\n010\n",
    "64 bits without a sign": "a\n9223372036854775808\n1\n",
    "infinity": "a\ninf\n-inf\n1\n",
    "numbers and texts": "a,b\n1,0x10\nx,1_000\n2.5,x\n",
    "names of nothing": "a\nNone\nnull\nx\n",
}


def load(kind, text, extension):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, f"file.{extension}")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        loaded = datasets.load_dataset(kind, data_files=path, cache_dir=folder)["train"]
        return [plain(loaded[i]) for i in range(len(loaded))]


def plain(value):
    """With the text of each time, which is what templates and samples show."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return str(value) if isinstance(value, datetime) else value


datasets.disable_progress_bars()
cases = [
    {"name": f"{kind}: {name}", "extension": extension, "text": text, "documents": repr(load(kind, text, extension))}
    for kind, extension, files in [
        ("json", "jsonl", {name: "\n".join(rows) + "\n" for name, rows in lines.items()}),
        ("csv", "csv", tables),
    ]
    for name, text in files.items()
]
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "records.json"), "w", encoding="utf-8") as file:
    json.dump({"source": f"datasets {datasets.__version__}", "cases": cases}, file, ensure_ascii=False, indent=2)
    file.write("\n")
