"""Makes field.json: small files as users have them, each with the records that Python reads from it.

    pip install pandas==3.1.1 pyarrow==26.0.1 datasets==5.2.0
    python3 test/corpus/field/make-field-data.py

A record is a list of [column, value]. Values: null, booleans, texts and lists as in JSON; whole numbers {"i": digits};
floats {"f": repr}; mappings {"m": [[key, value], …]}; bytes {"b": hex}; dates, times and decimals as `str` prints
them. The bytes of encrypted parquet files differ each time, because their keys are random.
"""

import base64, csv, datetime, decimal, io, json, os, random, tempfile
import datasets, pandas, pyarrow as pa, pyarrow.parquet as pq
import pyarrow.parquet.encryption as encryption

random.seed(1)
datasets.disable_progress_bars()
cases = []


def plain(value, type=None):
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return {"i": str(value)}
    if isinstance(value, float):
        return {"f": repr(value)}
    if isinstance(value, bytes):
        return {"b": value.hex()}
    if type is not None and pa.types.is_map(type):
        return {"m": [[str(key), plain(inner, type.item_type)] for key, inner in dict(value).items()]}
    if isinstance(value, (list, tuple)):
        return [plain(inner, type and type.value_type) for inner in value]
    if isinstance(value, dict):
        return {"m": [[key, plain(inner, type and type.field(key).type)] for key, inner in value.items()]}
    return str(value)


def add(name, data, records):
    data = data if isinstance(data, bytes) else data.encode()
    cases.append({"name": name, "data": base64.b64encode(data).decode(), "records": records})


def add_json(name, data, shape=True):
    """As Python's json reads it, one value after another; datasets must find the same texts."""
    text = (data if isinstance(data, bytes) else data.encode()).decode("utf-8-sig")
    values, at, decoder = [], 0, json.JSONDecoder()
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        value, at = decoder.raw_decode(text, at)
        values += value if isinstance(value, list) else [value]
    records = [value if isinstance(value, dict) else {"text": value} for value in values]
    if shape:
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, name.split(" ")[-1])
            with open(path, "wb") as file:
                file.write(data if isinstance(data, bytes) else data.encode())
            read = datasets.load_dataset("json", data_files=path, split="train", cache_dir=folder)["text"]
            assert list(read) == [record["text"] for record in records], (name, list(read))
    add(name, data, [[[key, plain(value)] for key, value in record.items()] for record in records])


def add_csv(name, data, separator=","):
    """As Python's csv and pandas read it."""
    text = (data if isinstance(data, bytes) else data.encode()).decode("utf-8-sig")
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if row]
    frame = pandas.read_csv(
        io.BytesIO(data if isinstance(data, bytes) else data.encode()),
        sep=separator,
        dtype=str,
        keep_default_na=False,
    )
    assert [list(row) for row in frame.itertuples(index=False)] == rows[1:], (name, rows, frame)
    add(name, data, [[list(pair) for pair in zip(frame.columns, row)] for row in rows[1:]])


def add_parquet(name, table, **options):
    file = io.BytesIO()
    pq.write_table(table, file, **options)
    read = pq.read_table(io.BytesIO(file.getvalue()))
    records = [
        [[field.name, plain(row[field.name], field.type)] for field in read.schema]
        for row in read.to_pylist()
    ]
    add(f"{name}.parquet", file.getvalue(), records)


def json_files():
    rows = [{"text": "one", "n": 1}, {"text": 'two {"q": [1]}', "n": 2}, {"text": "ä\u2028\\", "n": 3}]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    pretty = [json.dumps(row, indent=2) for row in rows]
    add_json("one object per line.jsonl", "\n".join(lines))
    add_json(
        "Windows line ends, a byte order mark and blank lines.jsonl",
        "\ufeff" + "\r\n\r\n".join(lines) + "\r\n",
    )
    add_json("a list in one line.jsonl", json.dumps(rows))
    add_json("a list in several lines.json", json.dumps(rows, indent=1) + "\n")
    add_json("a list with a byte order mark.json", "\ufeff " + json.dumps(rows), shape=False)
    add_json("one object in several lines.json", pretty[0])
    add_json("objects in several lines.jsonl", "\n".join(pretty))
    add_json("objects one after another.jsonl", "".join(lines))
    add_json("objects one after another, with spaces.json", "  ".join(lines))
    add_json("CR at line ends.jsonl", "\r".join(lines) + "\r")
    add_json(
        "lines and several lines.ndjson", lines[0] + "\n" + pretty[1] + lines[2] + " " + pretty[0] + "\n"
    )
    add_json(
        "lists one after another.json",
        json.dumps(rows[:1]) + "\n" + json.dumps(rows[1:], indent=1),
        shape=False,
    )
    add_json("a list of texts.json", '["one", "two"]')
    add_json("a key twice.jsonl", '{"text": "a", "n": 1, "text": "b"}\n', shape=False)
    add_json("an object around a list.json", '{"text": "x", "data": [\n{"text": "a"},\n{"text": "b"}]}')
    add_json(
        "NaN.jsonl",
        '{"text": "NaN, -Infinity", "s": NaN}\n{"text": "b", "s": -Infinity, "l": [1, Infinity]}\n',
        shape=False,
    )
    add_json("NaN.json", '[{"text": "a",\n "s": NaN}, {"text": "b", "s": 0.5}]', shape=False)
    numbers = """
        0 -0 18 18.0 -3.0 1e2 1E-7 0.1 2.50 9007199254740991 9007199254740992 9007199254740993 -9007199254740993
        1234567890123456789 123456789012345678901234567890 18446744073709551615 1e16 1e22 1e400 -1e400 5e-324 0.0
        -0.0 100000000000000000000.0
    """
    for number in numbers.split():
        add_json(
            f"the number {number}.jsonl",
            f'{{"text": "x", "n": {number}, "l": [{number}, {{"a": {number}}}]}}\n',
            shape=False,
        )
    add_json(
        "many numbers.jsonl", json.dumps({"text": "x", "n": list(range(30)) + [1.0]}) + "\n", shape=False
    )
    add_json("keys in another order.jsonl", '{"text": "x", "n": {"10": 1, "9": 2, "a": 3}}\n', shape=False)
    for i in range(60):
        add_json(
            f"random {i}.jsonl",
            "".join(random_object() + random.choice(["", "\n", " ", "\r\n", "\n\n"]) for _ in range(3)),
            shape=False,
        )


def random_object(depth=0):
    space = lambda: random.choice(["", "", " ", "\n"])
    value = lambda: (
        random_object(depth + 1)
        if depth < 2 and random.random() < 0.3
        else random.choice(
            [
                '"t"',
                "1",
                "2.0",
                "null",
                "NaN",
                "[1, 9007199254740993]",
                '["{", "]"]',
                "true",
                '"\\u00e4\\"\\\\"',
            ]
        )
    )
    return (
        "{"
        + space()
        + ("," + space()).join(
            f'"{key}":{space()}{value()}'
            for key in random.sample(["a", "b", "2", "1", "text"], random.randrange(1, 4))
        )
        + "}"
    )


def csv_files():
    add_csv(
        "behind a quote.csv", 'text,n\n"the old"er harbour,1\n"a ""grey"" gull",2\n"two\nlines"; and more,3\n'
    )
    add_csv("CR.csv", 'text,n\rThe lamp is lit.,1\r"Fog, and wind",2\r')
    add_csv("mixed line ends.csv", "text,n\r\na,1\rb,2\nc,3\r\n\r\nd,4")
    add_csv("quotes inside.csv", 'text,n\nsay "hi",1\n5" pipe,2\na""b,3\n')
    add_csv("a byte order mark and quotes.csv", '\ufeff"text","n"\n"a\r\nb\rc","1"\n')
    add_csv("columns named twice.csv", "text,text,text.1,,text,\n1,2,3,4,5,6\n")
    add_csv("empty fields.tsv", "text\tn\n\t\na\t\n\tb\n", "\t")
    add_csv("header only.csv", "text,n\n")
    add_csv("no final line end.csv", 'text\n"a"')
    for i in range(60):
        rows = "".join(random_row() for _ in range(3))
        add_csv(f"random {i}.csv", "a,b\n" + rows)


def random_row():
    """Two fields; text behind a closing quote must not open another one."""
    bare = lambda: random.choice(["x", "ä", 'y"z', " ", "1", 'q "r" s'])
    quoted = (
        lambda: '"'
        + "".join(
            random.choice(["a", ",", '""', "\n", "\r\n", "\r", " "]) for _ in range(random.randrange(4))
        )
        + '"'
        + random.choice(["", "", " t", 'u"v'])
    )
    return ",".join(random.choice([bare, quoted])() for _ in range(2)) + random.choice(
        ["\n", "\r\n", "\r", "\n\n"]
    )


def parquet_files():
    text, when = pa.string(), datetime.datetime(1969, 12, 31, 23, 59, 58, 120)
    maps = pa.map_(text, text)
    columns = {
        "text": (text, ["a", None, "ä猫", ""]),
        "int64": (pa.int64(), [9007199254740993, -(2**63), 42, None]),
        "uint64": (pa.uint64(), [2**64 - 1, 2**63, 0, None]),
        "float": (pa.float64(), [18.0, 0.1, 1e22, None]),
        "float32": (pa.float32(), [18.0, 0.5, -0.0, None]),
        "bool": (pa.bool_(), [True, False, None, True]),
        "decimal": (
            pa.decimal128(20, 2),
            [
                decimal.Decimal("12.50"),
                decimal.Decimal("-0.05"),
                decimal.Decimal("123456789012345678.90"),
                None,
            ],
        ),
        "wide": (
            pa.decimal256(50, 12),
            [decimal.Decimal("0.000000000041"), decimal.Decimal(0), None, decimal.Decimal("-7")],
        ),
        "date": (
            pa.date32(),
            [datetime.date(2024, 2, 29), datetime.date(1, 1, 1), datetime.date(1969, 12, 31), None],
        ),
        "time": (
            pa.time64("us"),
            [datetime.time(9, 5), datetime.time(23, 59, 59, 7), None, datetime.time(0)],
        ),
        "timestamp": (
            pa.timestamp("us"),
            [when, datetime.datetime(2024, 2, 29, 12), None, datetime.datetime(1700, 1, 1)],
        ),
        "utc": (
            pa.timestamp("ms", "UTC"),
            [
                datetime.datetime(2024, 1, 1),
                None,
                datetime.datetime(1969, 1, 1, 1, 2, 3, 4000),
                datetime.datetime(2000, 1, 1),
            ],
        ),
        "bytes": (pa.binary(), [b"\xff\x00", None, b"\xfe", b"\xc3"]),
        "list": (pa.list_(text), [[], ["a", None], None, ["b"]]),
        "map": (maps, [[("harbour", "north"), ("unit", "knots")], [], None, [("10", "a"), ("9", None)]]),
        "numbered": (pa.map_(pa.int32(), pa.float64()), [[(10, 1.0), (9, 2.5)], [], None, [(1, None)]]),
        "maps": (
            pa.map_(text, pa.map_(text, pa.list_(pa.int64()))),
            [[("a", [("b", [1, None]), ("c", None)])], [], None, [("d", None), ("e", [])]],
        ),
        "messages": (
            pa.list_(pa.struct([("role", text), ("arguments", maps), ("score", pa.float64())])),
            [
                [
                    {"role": "user", "arguments": [], "score": 1.0},
                    {"role": "assistant", "arguments": [("x", "y")], "score": None},
                ],
                [],
                None,
                [{"role": None, "arguments": None, "score": 0.25}],
            ],
        ),
        "struct": (
            pa.struct([("2", text), ("1", pa.struct([("when", pa.timestamp("us"))]))]),
            [{"2": "b", "1": {"when": when}}, None, {"2": None, "1": None}, {"2": "", "1": {"when": None}}],
        ),
        "large": (pa.large_string(), ["a", None, "b", "c"]),
        "nothing": (pa.null(), [None] * 4),
    }
    table = pa.table({name: pa.array(values, type) for name, (type, values) in columns.items()})
    add_parquet("every type", table)
    add_parquet(
        "every type, not in a dictionary, version 2",
        table,
        use_dictionary=False,
        data_page_version="2.0",
        compression="zstd",
    )
    add_parquet(
        "every type, without pyarrow's schema",
        table.drop_columns(["large"]),
        store_schema=False,
        compression="gzip",
    )
    add_parquet("a dictionary", pa.table({"text": pa.array(["a", "b", None, "a"] * 3).dictionary_encode()}))
    add_parquet("a key twice", pa.table({"map": pa.array([[("a", "1"), ("b", "2"), ("a", "3")]], maps)}))
    add_parquet("half precision", pa.table({"n": pa.array([1.5, 2.0, None], pa.float16())}))
    add_parquet("no rows", pa.table({"text": pa.array([], text)}))
    add_parquet("a name with a dot", pa.table({"a.b": ["x"], "a": [{"b": "y"}]}))
    add_parquet(
        "INT96",
        pa.table({"t": pa.array([when, None], pa.timestamp("us"))}),
        use_deprecated_int96_timestamps=True,
    )
    file = io.BytesIO()
    pq.write_table(pa.table([["a"], ["b"], ["c"]], names=["text", "text", "other"]), file)
    add("two of a name.parquet", file.getvalue(), None)
    for name, footer in (("an encrypted footer.parquet", False), ("an encrypted column.parquet", True)):
        add(name, encrypted(pa.table({"text": ["a", "b"], "secret": ["c", "d"]}), footer), None)


class Keys(encryption.KmsClient):
    def wrap_key(self, key, name):
        return base64.b64encode(key)

    def unwrap_key(self, key, name):
        return base64.b64decode(key)


def encrypted(table, plain_footer):
    factory = encryption.CryptoFactory(lambda _: Keys())
    configuration = encryption.EncryptionConfiguration(
        footer_key="a", column_keys={"b": ["secret"]}, plaintext_footer=plain_footer
    )
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "x")
        properties = factory.file_encryption_properties(encryption.KmsConnectionConfig(), configuration)
        with pq.ParquetWriter(path, table.schema, encryption_properties=properties) as writer:
            writer.write_table(table)
        with open(path, "rb") as file:
            return file.read()


json_files()
csv_files()
parquet_files()
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "field.json")
with open(path, "w", encoding="utf-8") as file:
    file.write(
        "[\n"
        + ",\n".join(json.dumps(case, ensure_ascii=False, separators=(",", ":")) for case in cases)
        + "\n]\n"
    )
print(len(cases), "files,", os.path.getsize(path), "bytes")
