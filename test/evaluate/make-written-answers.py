"""Writes written-answers.json: what lm-evaluation-harness 0.4.13 makes of answers, keys, labels and choices.

The templates and int() are those of its tasks gsm8k, arc_easy and hellaswag, rendered as lm_eval.utils does.

    pip install jinja2 && python test/evaluate/make-written-answers.py
"""

import ast
import json
from pathlib import Path

from jinja2 import BaseLoader, Environment, StrictUndefined

jinja = Environment(loader=BaseLoader, undefined=StrictUndefined, keep_trailing_newline=True)


def render(template, record):
    return jinja.from_string(template).render(**record)


def choices(record):
    return [f" {choice}" for choice in ast.literal_eval(render("{{choices.text}}", record))]


answers = [
    '"9"', "7", "-3", "7.5", "0.1", "7.0", "1e3", "1e21", '"It is 7.\\n#### 7"', '"seven"', '""', "true", "null",
    "[1, 2]", '{"value": 1}',
]  # fmt: skip
keys = [
    ('["A", "B"]', '"B"'), ('["1", "2"]', '"2"'), ("[1, 2]", "2"), ('["1", "2"]', "2"), ("[1, 2]", '"2"'),
    ('["A", "A"]', '"A"'), ('["A", "B"]', '""'), ('["A", "B"]', '"a"'), ('["A", "B"]', '" A"'), ('["A", "B"]', "null"),
    ('["A", "B", "C"]', '"B"'), ('["A"]', '"A"'),
]  # fmt: skip
texts = ['["a", "b"]', "[1, 2]", '["", "b"]', '"ab"', '[null, "b"]', '["a", 2.5]']
labels = ["1", '"1"', '" 1"', "true", '""', "null", '"x"', '"1.0"', "2", "-1"]


def of(task, record, read):
    value = json.loads(record)
    try:
        return {"task": task, "record": record, "harness": read(value)}
    except Exception as error:
        return {"task": task, "record": record, "refused": type(error).__name__}


cases = []
for answer in answers:
    record = f'{{"question": "q", "answer": {answer}}}'
    cases.append(of("gsm8k", record, lambda r: render("{{answer}}", r)))
for label, key in keys:
    record = f'{{"question": "q", "choices": {{"text": ["x", "y"], "label": {label}}}, "answerKey": {key}}}'
    cases.append(of("arc", record, lambda r: int(render("{{choices.label.index(answerKey)}}", r))))
for text in texts:
    record = f'{{"question": "q", "choices": {{"text": {text}, "label": ["A", "B"]}}, "answerKey": "A"}}'
    cases.append(of("choices", record, choices))
for label in labels:
    record = f'{{"query": "q", "endings": ["x", "y"], "label": {label}}}'
    cases.append(of("hellaswag", record, lambda r: int(r["label"])))

lines = ",\n".join("  " + json.dumps(case) for case in cases)
Path(__file__).with_name("written-answers.json").write_text(f"[\n{lines}\n]\n")
