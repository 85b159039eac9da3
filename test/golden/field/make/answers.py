"""The results of the reference programs for a case. Makers write the inputs; `finish` asks and writes expected.json."""

import functools, json, math, os, shutil, sys
import numpy as np
import data_files, forward

LEAD = 0.02  # by how much a greedy token must lead: far above what the order of sums changes
ROOTS = {}


def begin(script, kind):
    """Goes to the folder of the kind, beside the folder of the script, and empties it."""
    root = ROOTS.setdefault(script, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(script))), "cases"))
    folder = os.path.join(root, kind)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    os.chdir(folder)


def finish(kind, what, cases):
    for case in cases:
        second = case.pop("second", None)
        case.update(answer(case))
        if second:
            compare(case, second(case))
    versions = {
        name: __import__(name).__version__
        for name in (
            "transformers",
            "tokenizers",
            "torch",
            "numpy",
            "sentencepiece",
            "datasets",
            "pandas",
            "pyarrow",
            "safetensors",
            "jinja2",
        )
        if name in sys.modules
    }
    text = json.dumps({"kind": kind, "what": what, "made_with": versions, "cases": cases}, ensure_ascii=False, indent=1)
    with open("expected.json", "w", encoding="utf-8") as file:
        file.write(compact(text) + "\n")
    print(
        f"{kind}: {len(cases)} cases, {sum(os.path.getsize(os.path.join(at, name)) for at, _, names in os.walk('.') for name in names) / 1000:.0f} kB"
    )


def compact(text):
    """Lists of numbers on one line."""
    import re

    return re.sub(
        r"\[\n[\s\d,.\-e+]*\]",
        lambda found: re.sub(r"\s+", " ", found.group()).replace("[ ", "[").replace(" ]", "]"),
        text,
    )


def compare(case, other):
    """What a second way gave, key by key."""
    for key, value in other.items():
        if not same(case[key], value):
            raise SystemExit(f"{case['name']} {key}: {case[key]} one way, {value} the other")


def same(a, b):
    if isinstance(a, float) or isinstance(b, float):
        return a == b or math.isclose(a, b, rel_tol=2e-4, abs_tol=2e-4)
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    return type(a) is type(b) and a == b


def answer(case):
    return globals()["answer_" + case["do"]](case)


# --- models and tokenizers: transformers


def tokenizer_of(folder):
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    return transformers.AutoTokenizer.from_pretrained(folder)


@functools.cache
def model_at(path):
    import torch, transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    torch.set_num_threads(1)
    make = transformers.AutoModelForCausalLM.from_pretrained
    try:
        return make(path, dtype=torch.float32).eval()
    except TypeError:  # the name before transformers 4.56
        return make(path, torch_dtype=torch.float32).eval()


def model_of(folder):
    return model_at(os.path.abspath(folder))


def answer_generate(case):
    """The new ids of greedy decoding: prompt as the tokenizer encodes it, `new` tokens, computed in f32."""
    import torch

    ids = tokenizer_of(case["model"])(case["prompt"])["input_ids"]
    model, made = model_of(case["model"]), list(ids)
    for _ in range(case["new"]):  # without a cache, so that no cache is part of what is asked
        with torch.no_grad():
            last = model(torch.tensor([made]), use_cache=False).logits[0, -1]
        top = last.topk(2).values
        if top[0] - top[1] < LEAD:
            raise SystemExit(f"{case['name']}: the likeliest token leads by {top[0] - top[1]:.4f} only")
        made.append(int(last.argmax()))
    return {"promptIds": list(ids), "tokens": made[len(ids) :]}


def answer_encode(case):
    """Ids of a text without special tokens around it; `also` asks for the text without special tokens, and for EOS."""
    tokenizer = tokenizer_of(case["tokenizer"])
    ids = list(tokenizer(case["text"], add_special_tokens=False)["input_ids"])
    made = {"ids": ids}
    if "text" in case.get("also", ()):
        made["textWithoutSpecial"] = tokenizer.decode(ids, skip_special_tokens=True)
    if "end" in case.get("also", ()):
        made["eos"] = tokenizer.eos_token_id
    return made


def answer_chat(case):
    """The text of a conversation by the template of the case, or the texts by its templates."""
    import tempfile, tiny

    options = {"add_generation_prompt": case.get("addGenerationPrompt", False), **case.get("variables", {})}
    texts = []
    for template in case.get("templates") or [case["template"]]:
        with tempfile.TemporaryDirectory() as folder:
            tiny.write_folder(
                folder,
                tokenizer=tiny.byte_bpe(260),
                tokenizer_config={
                    "tokenizer_class": "PreTrainedTokenizerFast",
                    "eos_token": "<|end|>",
                    "chat_template": template,
                },
            )
            texts.append(tokenizer_of(folder).apply_chat_template(case["messages"], tokenize=False, **options))
    return {"texts": texts} if "templates" in case else {"text": texts[0]}


def answer_train(case):
    """Of a file with one document: the ids of the only sequence, and the loss of the first step, before any weight has changed."""
    tokenizer = tokenizer_of(case["model"])
    (text,) = [json.loads(line)["text"] for line in open(case["file"], encoding="utf-8")]
    ids = list(tokenizer(text)["input_ids"]) + [tokenizer.eos_token_id]
    return {"ids": ids, "firstLoss": -float(np.mean(log_likelihoods(case["model"], ids)))}


def answer_loss(case):
    """Of conversations: how many tokens are predicted (all but BOS), and their mean loss."""
    tokenizer, sum, count = tokenizer_of(case["model"]), 0.0, 0
    prefix = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.eos_token_id
    for line in open(case["file"], encoding="utf-8"):
        text = tokenizer.apply_chat_template(json.loads(line)["messages"], tokenize=False)
        ids = list(tokenizer(text, add_special_tokens=False)["input_ids"])
        ids = ids[1:] if ids[0] == tokenizer.bos_token_id else ids
        sum, count = sum + float(np.sum(log_likelihoods(case["model"], [prefix] + ids))), count + len(ids)
    return {"predicted": count, "loss": -sum / count}


def answer_choices(case, begin=()):
    """Multiple choice as lm-eval's task arc: log-likelihoods of " choice" after "Question: …\\nAnswer:", acc and acc_norm."""
    tokenizer, made, scores = tokenizer_of(case["model"]), [], []
    for line in open(case["file"], encoding="utf-8"):
        record = json.loads(line)
        context, texts = f"Question: {record['question']}\nAnswer:", record["choices"]["text"]
        gold, row = record["choices"]["label"].index(record["answerKey"]), []
        for text in texts:
            before, whole = (
                list(begin) + list(tokenizer(part)["input_ids"]) for part in (context, f"{context} {text}")
            )
            row.append(float(np.sum(log_likelihoods(case["model"], whole)[len(before) - 1 :])))
        per_letter = [value / len(text) for value, text in zip(row, texts)]
        for values in (row, per_letter):
            first, second = sorted(values)[-1:-3:-1]
            if not begin and first - second < 0.02 * (1 if values is row else 0.1):
                raise SystemExit(f"{case['name']}: two choices are as likely as each other")
        made.append([round(value, 4) for value in row])
        scores.append((int(np.argmax(row)) == gold, int(np.argmax(per_letter)) == gold))
    return {
        "logLikelihoods": made,
        "acc": float(np.mean([a for a, _ in scores])),
        "acc_norm": float(np.mean([b for _, b in scores])),
    }


def other_with_begin(case):
    """A check of the choices: with BOS before the text, both scores must differ."""
    with_begin = answer_choices(case, [0])
    if with_begin["acc"] == case["acc"] or with_begin["acc_norm"] == case["acc_norm"]:
        raise SystemExit(f"{case['name']}: a begin in front would not be seen: {with_begin} {case}")
    return {}


def log_likelihoods(folder, ids):
    import torch

    with torch.no_grad():
        rows = model_of(folder)(torch.tensor([ids]), use_cache=False).logits[0, :-1].log_softmax(-1)
    return rows[range(len(ids) - 1), ids[1:]].numpy()


# --- data files


def answer_read(case):
    """The texts of a file: of the field `text`, of a template with {field}, or of conversations that a chat template writes."""
    how, rows = case["as"], data_files.records(case["files"])
    if "field" in how:
        return {"texts": [row[how["field"]] for row in rows]}
    if "template" in how:
        return {"texts": [how["template"].format(**row) for row in rows]}
    return {
        "texts": [tokenizer_of(how["model"]).apply_chat_template(row[how["messages"]], tokenize=False) for row in rows]
    }


# --- what must be refused


def answer_refuse(case):
    """Nothing is computed; where safetensors refuses the file too, its message is noted."""
    if "model" not in case or case.get("who") != "safetensors":
        return {}
    import glob, safetensors.numpy

    words = []
    for path in glob.glob(f"{case['model']}/*.safetensors"):
        try:
            safetensors.numpy.load_file(path)
        except Exception as error:
            words.append(str(error))
    if not words:
        raise SystemExit(f"{case['name']}: safetensors reads it")
    return {"safetensorsSays": words}


def answer_tell_early(case):
    return {}


# --- second ways


def by_numpy(weights, cfg, **how):
    """The same greedy tokens by forward.py, which gets the meaning of the folder."""

    def second(case):
        tokens, lead = forward.greedy(weights, cfg, case["promptIds"], case["new"], **how)
        return {"tokens": tokens}

    return second


def by_tokenizers(made):
    """The same ids by `tokenizers`, from a tokenizer.json (as a dictionary) with the same meaning as the folder."""

    def second(case):
        from tokenizers import Tokenizer

        plain = Tokenizer.from_str(json.dumps(made))
        return {"ids": plain.encode(case["text"], add_special_tokens=False).ids}

    return second


def rejected(case, *others):
    """Other readings would be noticed: they give other tokens from the first or second one on."""
    for other in others:
        assert other[:2] != case["tokens"][:2], case["name"]
