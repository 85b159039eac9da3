"""Renders the templates of templates.json and conversations.json again, and writes the results into these files.

python3 test/text/jinja/make-golden.py   (transformers 5.24, jinja2 3.1.6)

To add a template, add {"template": ...} to the cases of templates.json; to add a conversation or a model, add it to
conversations.json. A template that raises an error is recorded with the name of the error. Whole floats and ints beyond
2^53 of the variables are written as {"$float": ...} and {"$int": ...}, because JavaScript reads neither.
"""

import json
import sys
import warnings
from pathlib import Path

from transformers.utils import chat_template_utils

warnings.simplefilter("ignore")
sys.setrecursionlimit(1000)
HERE = Path(__file__).parent


def unmarked(value):
    if isinstance(value, list):
        return [unmarked(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "$float" in value:
        return float(value["$float"])
    return int(value["$int"]) if "$int" in value else {key: unmarked(item) for key, item in value.items()}


def render(template, variables):
    try:
        compiled = chat_template_utils._cached_compile_jinja_template(template)
        # Strata's templates get no clock.
        del compiled.environment.globals["strftime_now"]
        compiled.globals.pop("strftime_now", None)
        text, generated = chat_template_utils._render_with_assistant_indices(compiled, **unmarked(variables))
    except Exception as error:
        return {"error": type(error).__name__}
    # Positions of JavaScript count UTF-16 code units.
    units = [[len(text[:end].encode("utf-16-le")) // 2 for end in span] for span in generated]
    return {"text": text, **({"generated": units} if generated else {})}


def write(path, entries):
    """One line for each item of a list and each entry of an object."""

    def lines(value):
        if isinstance(value, list) and value:
            return "[\n" + ",\n".join(json.dumps(item, ensure_ascii=False) for item in value) + "\n]"
        items = (f"{json.dumps(key)}: {json.dumps(item, ensure_ascii=False)}" for key, item in value.items())
        return "{\n" + ",\n".join(items) + "\n}"

    parts = ",\n".join(f"{json.dumps(key)}: {lines(value)}" for key, value in entries.items())
    path.write_text("{\n" + parts + "\n}\n")
    failing = sum("error" in case for case in entries["cases"])
    print(f"{path.name}: {len(entries['cases'])} cases, {failing} of them raise an error")


path = HERE / "templates.json"
golden = json.loads(path.read_text())
templates = [case["template"] for case in golden["cases"]]
golden["cases"] = [{"template": template, **render(template, golden["context"])} for template in templates]
write(path, golden)

path = HERE / "conversations.json"
golden = json.loads(path.read_text())
golden["cases"] = []
for name, model in golden["models"].items():
    template = (HERE / "models" / model["template"]).read_text()
    for i, messages in enumerate(golden["conversations"]):
        for tools in [None, golden["tools"]]:
            for prompt in [False, True]:
                variables = {"messages": messages, "tools": tools, "documents": None, "add_generation_prompt": prompt}
                result = render(template, {**variables, **model["variables"]})
                case = {"model": name, "conversation": i, "tools": tools is not None, "prompt": prompt}
                golden["cases"].append({**case, **result})
write(path, golden)
