"""Parquet files of kinds that readers in JavaScript failed on: python3 test/field/reports/make-reports.py

pip install pyarrow==26.0.1
"""

import os

import pyarrow as pa
import pyarrow.parquet as pq

os.chdir(os.path.dirname(os.path.abspath(__file__)))

# More rows than fit into two pages of 20,480 values.
texts = [f"row {i % 7}" for i in range(40_961)]
pq.write_table(pa.table({"text": texts}), "many-rows.parquet", compression="zstd")

# What DuckDB writes with PARQUET_VERSION V2.
columns = {"text": [f"word {i} of many" for i in range(300)], "n": list(range(300))}
encodings = {"text": "DELTA_LENGTH_BYTE_ARRAY", "n": "DELTA_BINARY_PACKED"}
pq.write_table(pa.table(columns), "delta.parquet", use_dictionary=False, column_encoding=encodings)
pq.write_table(
    pa.table({"text": columns["text"]}),
    "delta-strings.parquet",
    use_dictionary=False,
    column_encoding={"text": "DELTA_BYTE_ARRAY"},
)

# Lists of structs whose lists are empty, null or hold nulls.
papers = [
    [{"name": "A", "tags": ["x", None]}, {"name": None, "tags": []}],
    [],
    None,
    [{"name": "B", "tags": None}, None],
]
kind = pa.list_(pa.struct([("name", pa.string()), ("tags", pa.list_(pa.string()))]))
table = pa.table({"text": ["a", "b", "c", "d"], "papers": pa.array(papers, kind)})
pq.write_table(table, "nested.parquet")
