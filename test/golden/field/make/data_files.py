"""The records of data files as Python, pandas, pyarrow and datasets read them; where two read a file, they must agree."""

import csv, json, os


def records(files):
    rows = []
    for file in files:
        kind = file.removesuffix(".gz").rsplit(".", 1)[-1]
        rows += {
            "csv": read_csv,
            "tsv": read_csv,
            "json": read_json,
            "jsonl": read_json,
            "parquet": read_parquet,
            "txt": read_txt,
        }[kind](file)
    return rows


def opened(file):
    import gzip

    return (gzip.open if file.endswith(".gz") else open)(file, "rt", encoding="utf-8", newline="")


def read_csv(file):
    """Python's csv and pandas must agree."""
    import pandas

    delimiter = "\t" if ".tsv" in file else ","
    header, *rows = csv.reader(opened(file), delimiter=delimiter)
    rows = [dict(zip(header, row)) for row in rows]
    other = pandas.read_csv(file, sep=delimiter, dtype=str, keep_default_na=False).to_dict("records")
    if rows != other:
        raise SystemExit(f"{file}: csv {rows}, pandas {other}")
    return rows


def read_json(file):
    """Python's json, value after value; `datasets` must read the file too, and agree on the texts."""
    text, rows, at, decoder = opened(file).read(), [], 0, json.JSONDecoder()
    while at < len(text):
        if text[at] in " \t\r\n":
            at += 1
            continue
        value, at = decoder.raw_decode(text, at)
        rows += value if isinstance(value, list) else [value]
    other = by_datasets(file)
    if (
        len(rows) != len(other)
        or all("text" in row for row in rows)
        and [row["text"] for row in rows] != [row["text"] for row in other]
    ):
        raise SystemExit(f"{file}: json {rows}, datasets {other}")
    return rows


def by_datasets(file):
    import tempfile

    os.environ.update(HF_DATASETS_OFFLINE="1", HF_DATASETS_DISABLE_PROGRESS_BARS="1")
    import datasets

    datasets.disable_progress_bars()
    datasets.logging.set_verbosity(50)
    with tempfile.TemporaryDirectory() as cache:
        return datasets.load_dataset("json", data_files=os.path.abspath(file), split="train", cache_dir=cache).to_list()


def read_parquet(file):
    """pyarrow, maps as mappings."""
    import pyarrow.parquet

    return pyarrow.parquet.read_table(file, use_threads=False).to_pylist(maps_as_pydicts="strict")


def read_txt(file):
    return [{"text": opened(file).read().rstrip("\n")}]
