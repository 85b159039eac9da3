"""Makes test/golden/safetensors-headers.json: headers of safetensors files, whole and mutated, each with what the
safetensors library makes of a file with that header and so many bytes of data.

Run with Python, torch and safetensors installed: python3 test/golden/make-safetensors-headers.py [MUTATIONS [OUT]]
"""

import copy
import json
import pathlib
import random
import struct
import sys
import tempfile

import safetensors
from safetensors import safe_open

HERE = pathlib.Path(__file__).parent
VALUES = [None, True, -1, 0, 1, 3, 1.5, 2**53, 2**64, "", "F32", "2", [], [0], [1, 2], [-1, 4], {}, {"a": 1}]
TYPES = (
    "BOOL F4 F6_E2M3 F6_E3M2 U8 I8 F8_E5M2 F8_E4M3 F8_E8M0 F8_E4M3FNUZ F8_E5M2FNUZ "
    "I16 U16 F16 BF16 I32 U32 F32 C64 F64 I64 U64"
)
WORDS = [
    "null",
    "true",
    "-",
    ".",
    "e1",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    "0",
    "7",
    " ",
    "\\",
    "\\u0041",
    "\n",
    "\xff",
    "\xef\xbb\xbf",
]


def entry(dtype, shape, begin, end):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def whole():
    return {
        "__metadata__": {"format": "pt"},
        "a": entry("F32", [2, 2], 0, 16),
        "b": entry("I64", [1], 16, 24),
        "c": entry("BF16", [0, 3], 24, 24),
        "d": entry("BOOL", [2], 24, 26),
    }


def mutate_value(random, header):
    """Replaces, drops or adds one member."""
    places = [(header, key) for key in header]
    for members in header.values():
        if isinstance(members, dict):
            places += [(members, key) for key in members]
            for value in members.values():
                if isinstance(value, list):
                    places += [(value, i) for i in range(len(value))]
    holder, key = random.choice(places)
    act = random.random()
    if act < 0.2:
        del holder[key]
    elif act < 0.3 and isinstance(holder, dict):
        holder[f"{key}x"] = copy.deepcopy(holder[key])
    elif act < 0.6 and isinstance(holder[key], int):
        holder[key] = random.choice([0, 1, 2, 3, 4, 8, 16, 24, 26])
    elif act < 0.7 and isinstance(holder[key], str):
        holder[key] = random.choice(TYPES.split() + ["I4", "f32", "FP8"])
    else:
        holder[key] = copy.deepcopy(random.choice(VALUES))


def mutate_text(random, text):
    at = random.randrange(len(text) + 1)
    kept = text[at + random.randrange(3) :]
    return text[:at] + random.choice(["", random.choice(WORDS)]) + kept


def draw(random):
    header, data = whole(), 26
    for _ in range(random.choice([1, 1, 1, 2])):
        mutate_value(random, header)
    if random.random() < 0.1:
        items = list(header.items())
        random.shuffle(items)
        header = dict(items)
    text = json.dumps(header, separators=(",", ":"))
    if random.random() < 0.35:
        text = mutate_text(random, json.dumps(whole(), separators=(",", ":")))
    if random.random() < 0.1:
        data = random.choice([0, 16, 24, 25, 27, 42])
    return text, data


def handmade():
    def one(dtype, shape, begin, end):
        return json.dumps({"a": entry(dtype, shape, begin, end)}), end

    yield "", 0
    yield "{}", 0
    yield "{}", 1
    yield " " + json.dumps(whole()) + " \n\t", 26
    yield json.dumps(whole()) + "\0", 26
    yield json.dumps([whole()]), 26
    yield "null", 0
    yield json.dumps(whole())[:-1], 26
    twice = [json.dumps({"a": entry("F32", [size], 0, 4 * size)})[1:-1] for size in (1, 2)]
    yield "{" + ",".join(twice) + "}", 8
    yield json.dumps({"__proto__": entry("F32", [1], 0, 4), "": entry("F32", [], 4, 8)}), 8
    yield json.dumps({"x": entry("F32", [1], 4, 8), "y": entry("F32", [1], 0, 4)}), 8
    yield json.dumps({"x": entry("F32", [1], 0, 4), "y": entry("F32", [1], 8, 12)}), 12
    yield json.dumps({"x": entry("F32", [1], 0, 4), "y": entry("F32", [1], 0, 4)}), 4
    yield json.dumps({"x": entry("F32", [2], 0, 8), "y": entry("F32", [0], 4, 4)}), 8
    yield json.dumps({"x": entry("F32", [1], 0, 4), "y": entry("F32", [0, 9], 0, 0)}), 4
    yield json.dumps({"__metadata__": {"a": 1}, "x": entry("F32", [1], 0, 4)}), 4
    yield json.dumps({"__metadata__": None, "x": entry("F32", [1], 0, 4)}), 4
    for bits, names in (
        (4, "F4"),
        (6, "F6_E2M3 F6_E3M2"),
        (8, "BOOL U8 I8 F8_E5M2 F8_E4M3 F8_E8M0"),
        (16, "I16 U16 F16"),
    ):
        for name in names.split():
            yield one(name, [8], 0, bits)
            yield one(name, [3], 0, 3)
    for name in "I32 U32 F32 C64 F64 I64 U64 I4".split():
        yield one(name, [8], 0, 32)
        yield one(name, [8], 0, 64)


def judge(path, text, data):
    header = text.encode("latin-1")
    path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(data))
    try:
        with safe_open(path, "pt") as file:
            return {"header": text, "data": data, "tensors": sorted(file.keys())}
    except Exception:
        return {"header": text, "data": data, "tensors": None}


if __name__ == "__main__":
    mutations = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    out = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else HERE / "safetensors-headers.json"
    seeded = random.Random(1)
    drawn = [draw(seeded) for _ in range(mutations)]
    with tempfile.TemporaryDirectory() as folder:
        cases = [judge(pathlib.Path(folder) / "t.safetensors", *case) for case in [*handmade(), *drawn]]
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    out.write_text(f'{{"safetensors":"{safetensors.__version__}","cases":[\n{lines}\n]}}\n')
    print(len(cases), "headers,", sum(case["tensors"] is not None for case in cases), "accepted")
