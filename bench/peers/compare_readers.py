"""Compares the texts that Strata reads from data files with those of datasets, pandas, pyarrow and json.

python3 bench/peers/compare_readers.py --size 6000000 --prose BOOKS.jsonl.gz

Writes the same documents in every format and layout. A file is read as a field, and as a template that prints numbers.
Run `npm run bench -- --list` first: it compiles the script that runs Strata.
"""

import argparse
import csv
import json
import random
import subprocess
import tempfile
from pathlib import Path

import datasets
import pandas
import pyarrow as pa
import pyarrow.parquet as pq

from mixed_text import documents

TEMPLATE = "{id} {score} {flag} {note}: {text}"
SCRIPT = Path(__file__).parent.parent / "build/js/ours/read-texts.js"


def records_of(texts):
    rng = random.Random(3)
    for i, text in enumerate(texts):
        yield {
            "id": rng.choice([i, 2**53 + 2 * i + 1, -(2**62) + i]),
            "score": rng.choice([18.0, i / 8, 1e-7, 1e22, -0.5]),
            "flag": i % 2 == 0,
            "note": f"n{i}" if i % 3 else None,
            "text": text,
        }


def json_layouts(rows):
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    pretty = [json.dumps(row, indent=2) for row in rows]
    with_nan = [json.dumps({**row, "other": float("nan")}) for row in rows]
    return {
        "lines.jsonl": "\n".join(lines) + "\n",
        "windows.jsonl": "\ufeff" + "\r\n".join(lines),
        "escaped.ndjson": "".join(json.dumps(row) + "\n" for row in rows),
        "list.jsonl": "[" + ",".join(lines) + "]",
        "list.json": json.dumps(rows, indent=1, ensure_ascii=False),
        "pretty.jsonl": "\n".join(pretty),
        "concatenated.json": "".join(lines),
        "mixed.json": "".join((pretty if i % 2 else lines)[i] + "\n" * (i % 3) for i in range(len(rows))),
        "nan.jsonl": "\n".join(with_nan),
    }


def write_json(folder, rows):
    for name, text in json_layouts(rows).items():
        path = folder / name
        path.write_bytes(text.encode())
        yield path
        if name == "lines.jsonl":
            for extension in ("gz", "zst"):
                with pa.output_stream(
                    f"{path}.{extension}", compression={"zst": "zstd"}.get(extension, "gzip")
                ) as file:
                    file.write(text.encode())
                yield Path(f"{path}.{extension}")


def write_tables(folder, rows):
    """As CSV, values are texts."""
    for name, options in {
        "minimal.csv": {},
        "quoted.csv": {"quoting": csv.QUOTE_ALL, "lineterminator": "\r\n"},
        "cr.csv": {"quoting": csv.QUOTE_ALL, "lineterminator": "\r"},
        "tabs.tsv": {"delimiter": "\t"},
    }.items():
        path = folder / name
        with path.open("w", newline="", encoding="utf8") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]), **options)
            writer.writeheader()
            writer.writerows(rows)
        yield path


def write_parquet(folder, rows):
    table = pa.Table.from_pylist(rows)
    for codec in ("none", "snappy", "gzip", "zstd", "brotli", "lz4"):
        for version in ("1.0", "2.0"):
            path = folder / f"{codec}-{version}.parquet"
            pq.write_table(table, path, compression=codec, data_page_version=version, row_group_size=1000)
            yield path
    for encoding in ("PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"):
        path = folder / f"{encoding}.parquet"
        pq.write_table(table, path, use_dictionary=False, column_encoding={"text": encoding}, data_page_size=5000)
        yield path


def with_python(path):
    """The records by pandas, pyarrow or json, and the name of the reader."""
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist(), "pyarrow"
    if path.suffix in (".csv", ".tsv"):
        separator = "\t" if path.suffix == ".tsv" else ","
        frame = pandas.read_csv(path, sep=separator, dtype=str, keep_default_na=False)
        return frame.to_dict("records"), "pandas"
    with pa.input_stream(path, compression="detect" if path.suffix in (".gz", ".zst") else None) as file:
        text = file.read().decode("utf-8-sig")
    decoder, at, records = json.JSONDecoder(), 0, []
    while text[at:].strip(" \t\r\n"):
        while text[at] in " \t\r\n":
            at += 1
        value, at = decoder.raw_decode(text, at)
        records += value if isinstance(value, list) else [value]
    return records, "json"


def with_datasets(path):
    """The column `text` by datasets; None for what it does not read."""
    kind = {".parquet": "parquet", ".csv": "csv", ".tsv": "csv"}.get(path.suffix, "json")
    features = datasets.Features({name: datasets.Value("string") for name in ("id", "score", "flag", "note", "text")})
    options = {"sep": "\t" if path.suffix == ".tsv" else ",", "keep_default_na": False, "features": features}
    with tempfile.TemporaryDirectory() as cache:
        try:
            data = datasets.load_dataset(
                kind, data_files=str(path), split="train", cache_dir=cache, **(options if kind == "csv" else {})
            )
            return list(data["text"])
        except (datasets.exceptions.DatasetGenerationError, ValueError) as error:
            print(f"  datasets does not read {path.name}: {str(error.__cause__ or error)[:80]}")
            return None


def with_strata(path, template, folder):
    out = folder / "texts"
    subprocess.run(["node", SCRIPT, path, template, out], check=True)
    return [json.loads(line) for line in out.read_text(encoding="utf8").split("\n")[:-1]]


def count_equal(own, theirs):
    return (
        sum(a == b for a, b in zip(own, theirs)) if len(own) == len(theirs) else f"{len(own)} against {len(theirs)}"
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=6_000_000)
    parser.add_argument("--prose", action="append", required=True)
    options = parser.parse_args()
    datasets.disable_progress_bars()
    # A blank text is no document.
    texts = [text for text in documents(options.prose, options.size) if text.strip()]
    rows = list(records_of(texts))
    print(f"{sum(len(text.encode()) for text in texts) / 1e6:.1f} MB in {len(texts):,} documents")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for write in (write_json, write_tables, write_parquet):
            for path in write(folder, rows):
                records, reader = with_python(path)
                field = with_strata(path, "text", folder)
                templates = with_strata(path, TEMPLATE, folder)
                printed = count_equal(templates, [TEMPLATE.format(**record) for record in records])
                read = count_equal(field, [record["text"] for record in records])
                theirs = with_datasets(path)
                by_datasets = "-" if theirs is None else count_equal(field, theirs)
                print(
                    f"{path.name:32} {len(rows)} documents; equal texts: {reader} {read}, "
                    f"datasets {by_datasets}; equal templates {printed}",
                    flush=True,
                )
                path.unlink()


main()
