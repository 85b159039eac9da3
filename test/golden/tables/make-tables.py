"""Makes the tables of this folder and records.json, what they hold. Needs pyarrow and zstandard."""

import csv
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

here = Path(__file__).parent
rows = [
    {
        "text": f"Row {i}: " + "straße, 猫 and 🙂. " * (i % 7),
        "note": None if i % 3 == 0 else "same for all",
        "number": i * 2**33,
        "share": i / 8,
        "isEven": i % 2 == 0,
        "choices": {"text": [f"choice {i}.{j}" for j in range(i % 4)], "label": list("ABC")[: i % 4]},
        "endings": [f"ending {j}" for j in range(i % 3)],
    }
    for i in range(100)
]
table = pa.Table.from_pylist(rows)
for codec in ["none", "snappy", "gzip", "brotli", "lz4", "zstd"]:
    pq.write_table(table, here / f"{codec}.parquet", compression=codec, row_group_size=40)
pq.write_table(
    table,
    here / "pages.parquet",
    compression="zstd",
    row_group_size=1000,
    data_page_size=400,
    write_batch_size=8,
    data_page_version="2.0",
    use_dictionary=False,
    column_encoding={"text": "DELTA_BYTE_ARRAY"},
    write_page_index=True,
)
pq.write_table(
    table,
    here / "lists-over-pages.parquet",
    compression="snappy",
    row_group_size=60,
    data_page_size=50,
    write_batch_size=5,
    use_dictionary=False,
)
long = [f"Row {i}: " + "one sentence after another. " * 150 for i in range(70_000)]
pq.write_table(
    pa.table({"text": long, "number": range(70_000)}),
    here / "large-group.parquet",
    compression="zstd",
    compression_level=19,
    row_group_size=70_000,
    use_dictionary=False,
    write_statistics=False,
)
plain = pa.table(
    {
        "text": [
            f"Row {i}: " + "straße, 猫 and 🙂. " * (20_000 if i == 5 else i % 7) + "x" * (i * i % 300)
            for i in range(100)
        ],
        "note": [None if i % 3 == 0 else f"note {i}" for i in range(100)],
    }
)
for codec, version in [("none", "1.0"), ("snappy", "1.0"), ("snappy", "2.0"), ("zstd", "2.0"), ("gzip", "1.0")]:
    pq.write_table(
        plain.slice(6) if codec == "none" else plain,
        here / f"plain-{codec}-{version[0]}.parquet",
        compression=codec,
        use_dictionary=False,
        data_page_version=version,
        row_group_size=70,
    )
cells = ["one", "too long. " * 900_000, "three"]
pq.write_table(
    pa.table({"text": cells}),
    here / "long-cell.parquet",
    compression="zstd",
    use_dictionary=False,
    write_statistics=False,
)
pq.write_table(
    pa.table({"text": ["one sentence after another. " * 40_000] * 130}),
    here / "page-of-139-mib.parquet",
    compression="brotli",
    use_dictionary=False,
    write_statistics=False,
)
latin = pa.table({"text": pa.array([b"one", "Straße".encode("latin1"), b"three"]).cast(pa.binary())})
pq.write_table(
    latin.set_column(0, "text", pa.Array.from_buffers(pa.string(), 3, latin["text"].chunk(0).buffers())),
    here / "latin.parquet",
)
(here / "records.json").write_text(json.dumps(rows, ensure_ascii=False, separators=(",", ":")) + "\n")

with open(here / "texts.csv", "w", encoding="utf-8", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["text", "note"])
    writer.writerows([[row["text"] + '\n"quoted", and so on', row["note"]] for row in rows[:20]])
lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
frame = zstandard.ZstdCompressor(level=19, write_checksum=True).compress
(here / "frames.jsonl.zst").write_bytes(frame("".join(lines[:70]).encode()) + frame("".join(lines[70:]).encode()))
