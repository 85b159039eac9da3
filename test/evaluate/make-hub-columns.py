"""Writes hub-columns/*.parquet: the records of ../golden/harness-end-to-end.json as the hub keeps them, with its data
sets' columns.

pip install datasets && python3 test/evaluate/make-hub-columns.py
"""

import json
import os

from datasets import Dataset, Features, List, Value

text, number = Value("string"), Value("int32")
features = {
    "arc": Features(
        {"id": text, "question": text, "choices": {"text": List(text), "label": List(text)}, "answerKey": text}
    ),
    "hellaswag": Features(
        {
            "ind": number,
            "activity_label": text,
            "ctx_a": text,
            "ctx_b": text,
            "ctx": text,
            "endings": List(text),
            "source_id": text,
            "split": text,
            "split_type": text,
            "label": text,
        }
    ),
    "gsm8k": Features({"question": text, "answer": text}),
}
splits = {"arc": "test", "hellaswag": "validation", "gsm8k": "test"}

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "../golden/harness-end-to-end.json")) as file:
    golden = json.load(file)["end_to_end"]["datasets"]
os.makedirs(os.path.join(here, "hub-columns"), exist_ok=True)
for name, split in splits.items():
    Dataset.from_list(golden[name][split], features=features[name]).to_parquet(
        os.path.join(here, "hub-columns", f"{name}.parquet")
    )
