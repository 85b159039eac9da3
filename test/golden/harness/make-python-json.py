"""Makes python-json.json: what CPython's json.dumps(ensure_ascii=False) writes, in one line and with indent=2."""

import json
from pathlib import Path

texts = [
    "",
    'quote " backslash \\ slash / tab \t newline \n return \r',
    "".join(map(chr, range(0x20))) + "\x7f\x80\x9f\xa0",
    "line \u2028 and paragraph \u2029 separators, \ufeff mark",
    "é ü 任务 😀 \U0010ffff",
    "literal \\ud83d, \\\\u2028 and \\n",
    "lone \ud83d and \ude00\ud83d surrogates",
    "<b>&'</b>",
]
ints = [0, -1, 2**53 - 1, 2**53, 2**53 + 1, -(2**64), 10**40]
floats = [0.0, -0.0, 1.0, 0.1, 1 / 3, 1e-4, 1e-5, 1.5e-7, 1e15, 1e16, 123456789012345680.0, 5e-324]
floats.append(1.7976931348623157e308)
special = [float("nan"), float("inf"), float("-inf"), True, False, None]
values = [
    texts,
    ints,
    floats,
    special,
    [],
    {},
    (),
    {"z": {}, "a": [], "": (), "nested": {"list": [1, [2.0, {"deep": None}], (3, "x")]}},
    {1: "int", 2.5: "float", True: "replaces 1", None: "none", "é": 0},
]


def tagged(value):
    if isinstance(value, dict):
        return ["dict", [[tagged(key), tagged(item)] for key, item in value.items()]]
    if isinstance(value, (list, tuple)):
        return [type(value).__name__, [tagged(item) for item in value]]
    if isinstance(value, str) or isinstance(value, bool) or value is None:
        return ["plain", value]
    return [type(value).__name__, repr(value)]


cases = [
    {
        "value": tagged(value),
        "line": json.dumps(value, ensure_ascii=False),
        "indented": json.dumps(value, indent=2, ensure_ascii=False),
    }
    for value in values
]
path = Path(__file__).with_name("python-json.json")
path.write_text(json.dumps({"source": "CPython's json.dumps", "cases": cases}, indent=1) + "\n")
