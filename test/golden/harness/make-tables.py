"""Makes tables.json: random results and the table that lm-evaluation-harness (4e7e0d4) prints with pytablewriter 1.2.1.

Floats are texts. Run it where lm_eval can be imported.
"""

import json
import random
from pathlib import Path

from lm_eval.utils import make_table

names = ["arc_easy", "b|c", "ünï", "任务", "mmlu_a_long_name_of_a_task", "2024", "0.5", "t1", "t2", "- dash"]
names += ["1,000", "nan", "😀 e"]
filters = ["none", "strict-match", "flexible-extract", "3", "maj@8"]
metrics = ["acc", "acc_norm", "exact_match", "word_perplexity", "f1", "5"]
versions = [1.0, 2.0, 0, 1, "N/A", "1.0", "Yaml", "2", 1.5, 0.75]
draw = random.Random(14)


def simple():
    return draw.choice([0.0, 1.0, 0.5, 0.25, 0.125, 0.8888])


def any_value():
    wide = [123.45678, draw.random(), draw.random() * 100, 10 ** draw.uniform(-8, 30), -draw.random() * 50]
    return draw.choice(wide + [0.03125, -0.0, float("inf"), float("nan")]) if draw.random() < 0.8 else simple()


def result(name, value):
    items = {"name": name, "alias": name if draw.random() < 0.8 else draw.choice(names), "sample_len": 3}
    for metric in draw.sample(metrics, draw.randint(1, 3)):
        for filter_name in draw.sample(filters, draw.choice([1, 1, 2])):
            items[f"{metric},{filter_name}"] = value()
            error = draw.random()
            if error < 0.9:
                items[f"{metric}_stderr,{filter_name}"] = abs(value()) if error < 0.6 else "N/A"
    return items


def members(tasks):
    group = draw.choice(tasks + ["group"])
    children = [task for task in tasks if task != group and draw.random() < 0.7]
    if len(children) < 2 or draw.random() < 0.5:
        return {group: children}
    return {group: [children[0], "sub"], "sub": children[1:]}


def case(index):
    value = any_value if index % 2 else simple
    tasks = draw.sample(names, draw.randint(1, 5))
    results = {task: result(task, value) for task in tasks}
    used = {task: {key.split(",")[0] for key in items if "," in key} for task, items in results.items()}
    given = {
        "results": results,
        "versions": {task: draw.choice(versions) for task in tasks},
        "n-shot": {task: draw.choice([0, 5, 25]) for task in tasks if draw.random() < 0.9},
        "higher_is_better": {task: {m: draw.choice([True, False, None]) for m in sorted(used[task])} for task in tasks},
        "group_subtasks": members(tasks) if draw.random() < 0.5 else {},
    }
    table = make_table(given)
    return {**as_text(given), "table": table}


def as_text(value):
    """Floats as {"float": text}."""
    if isinstance(value, float):
        return {"float": repr(value)}
    if isinstance(value, dict):
        return {key: as_text(item) for key, item in value.items()}
    return [as_text(item) for item in value] if isinstance(value, list) else value


path = Path(__file__).with_name("tables.json")
text = json.dumps({"cases": [case(index) for index in range(40)]}, ensure_ascii=False, separators=(",", ":"))
path.write_text(text + "\n")
