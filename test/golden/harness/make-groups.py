"""Makes groups.json: random tasks in groups, their results and tables from lm-evaluation-harness (4e7e0d4).

Run it where lm_eval can be imported.
"""

import json
import logging
import random
from pathlib import Path

from lm_eval.api.group import Group
from lm_eval.api.task import Task
from lm_eval.config.group import AggMetricConfig
from lm_eval.evaluator_utils import EvalAcc, aggregate_groups
from lm_eval.utils import make_table

logging.disable(logging.CRITICAL)
draw = random.Random(7)
metrics = ["acc", "acc_norm", "em"]


class NamedTask(Task):
    def __init__(self, name):
        self.name = name

    @property
    def task_name(self):
        return self.name


NamedTask.__abstractmethods__ = frozenset()


def score(size):
    missing = size == 1 or draw.random() < 0.1
    return round(draw.random(), 6), "N/A" if missing else round(draw.random() / 10, 6)


def add_scores(results, name):
    size = draw.randint(1, 40)
    used = draw.sample(metrics, draw.randint(1, 2))
    scores = [[m, f, *score(size)] for m in used for f in draw.sample(["none", "x", "strict"], draw.randint(1, 2))]
    results.metrics[name] = {"name": name, "alias": name, "sample_len": size}
    for metric, filter_name, value, error in scores:
        results.metrics[name] |= {f"{metric},{filter_name}": value, f"{metric}_stderr,{filter_name}": error}
    results.configs[name] = {}
    results.versions[name] = 1
    results.num_fewshot[name] = draw.choice([0, 0, 5])
    results.higher_is_better[name] = {metric: draw.random() < 0.8 for metric in used}
    results.n_samples[name] = {"original": 50, "effective": size}
    return {
        "task": name,
        "shots": results.num_fewshot[name],
        "higherIsBetter": list(results.higher_is_better[name].items()),
        "scores": scores,
        "size": size,
    }


def settings():
    if draw.random() < 0.2:
        return None
    chosen = draw.sample(metrics, draw.randint(1, 2))
    filters = draw.choice([None, ["none"]])
    return [AggMetricConfig(metric=m, filter_list=filters, weight_by_size=draw.random() < 0.7) for m in chosen]


def make_groups(tasks):
    metadata = draw.choice([None, {"version": 2}, {"version": 1.0}])
    top = Group("top", alias=draw.choice([None, "Top"]), aggregate_metric_list=settings(), metadata=metadata)
    groups = [top]
    for index in range(draw.randint(0, 2)):
        if not tasks:
            break
        groups.append(Group(f"sub{index}", aggregate_metric_list=settings()))
        for _ in range(draw.randint(1, len(tasks))):
            groups[-1].add(tasks.pop())
        top.add(groups[-1])
    for task in tasks if draw.random() < 0.5 else []:
        top.add(task)
    return groups


def describe(group):
    listed = group.aggregate_metric_list or []
    return {
        "group": group.name,
        "alias": group.alias or group.name,
        "version": group.version,
        "members": group.child_names,
        "tasks": [task.name for task in group.get_all_tasks()],
        "settings": [{"metric": a.metric, "filters": a.filter_list, "weightBySize": a.weight_by_size} for a in listed],
    }


def case():
    tasks = [NamedTask(f"t{index}") for index in range(draw.randint(2, 6))]
    draw.shuffle(tasks)
    results = EvalAcc()
    given = [add_scores(results, task.name) for task in tasks]
    groups = make_groups(tasks)
    results.groups = {group.name: group for group in groups}
    written = aggregate_groups(results)._to_eval_results()
    tables = [make_table(written)] + ([make_table(written, "groups")] if "groups" in written else [])
    return {"tasks": given, "groups": [describe(group) for group in groups], "tables": tables, "results": written}


text = json.dumps({"cases": [case() for _ in range(16)]}, ensure_ascii=False, separators=(",", ":"))
Path(__file__).with_name("groups.json").write_text(text + "\n")
