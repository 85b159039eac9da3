"""A tokenizer that names a BOS token but does not add it to a text (GPT-2, SmolLM, Yi), and the files that decide."""

import tiny, answers, forward
import json, os
import sentencepiece
from tokenizers import Tokenizer


def telling_questions(weights, cfg, encode, begin, subjects, words, count=6):
    """Questions of two choices of the same length whose likelier one changes when BOS precedes the text."""
    found = []
    pairs = [(a, b) for a in words for b in words if len(a) == len(b) and a < b]
    for question in (
        f"What {verb} the {subject}?"
        for subject in subjects
        for verb in ("is", "was near", "comes with", "can see", "had")
    ):
        context = f"Question: {question}\nAnswer:"
        values = {}
        for word in {word for pair in pairs for word in pair}:
            for front in ((), begin):
                before, whole = (list(front) + encode(part) for part in (context, f"{context} {word}"))
                values[word, front] = forward.log_likelihoods(weights, cfg, whole)[len(before) - 1 :].sum()
        for a, b in pairs:
            plain, with_begin = (values[a, front] - values[b, front] for front in ((), begin))
            if plain * with_begin < 0 and min(abs(plain), abs(with_begin)) > 0.1:
                found.append(
                    {
                        "question": question,
                        "choices": {"text": [a, b], "label": ["A", "B"]},
                        "answerKey": "A" if plain > 0 else "B",
                    }
                )
                break
        if len(found) == count:
            # one in three is answered wrongly, so that the scores are no round 1
            return [
                {**one, "answerKey": "BA"["AB".index(one["answerKey"])]} if i % 3 == 2 else one
                for i, one in enumerate(found)
            ]
    raise SystemExit(f"only {len(found)} questions tell the readings apart")


answers.begin(__file__, "bos-not-added")
PROMPT = "The grey gull"
ids_of = lambda made: Tokenizer.from_str(json.dumps(made)).encode(PROMPT, add_special_tokens=False).ids

one, two = tiny.byte_bpe(276, ("<|end|>",)), tiny.byte_bpe(276, ("<|begin|>", "<|end|>"))
with_template = tiny.byte_bpe(276, ("<|begin|>", "<|end|>"), "<|begin|>")
SAME = {"bos_token": "<|end|>", "eos_token": "<|end|>", "unk_token": "<|end|>"}
OWN = {"bos_token": "<|begin|>", "eos_token": "<|end|>"}
plain = lambda **more: {"tokenizer_class": "PreTrainedTokenizerFast", **more}
gpt2 = lambda **more: {"tokenizer_class": "GPT2Tokenizer", **more}

cfg = tiny.config(276, num_hidden_layers=1)
readings = [(ids, {}) for made in (one, two) for ids in (ids_of(made), [0] + ids_of(made))]
weights = forward.choose(tiny.weights, cfg, readings, new=4, ends=(0, 1))

cases = []


def ask(name, tokenizer, tokenizer_config, begin, note):
    tiny.write_folder(
        name,
        {**cfg, "eos_token_id": 1 if tokenizer is not one else 0},
        weights,
        None if name.startswith("gpt2-files") else tokenizer,
        tokenizer_config,
    )
    if name.startswith("gpt2-files"):
        tiny.write_gpt2_files(name, tokenizer)
    ids = ids_of(tokenizer)
    expected, other = ([0] + ids, ids) if begin else (ids, [0] + ids)

    def second(case):
        answers.rejected(case, forward.greedy(weights, cfg, other, 2)[0])
        return {"promptIds": expected, "tokens": forward.greedy(weights, cfg, expected, case["new"])[0]}

    cases.append(
        {"name": name, "do": "generate", "note": note, "model": name, "prompt": PROMPT, "new": 4, "second": second}
    )


ask(
    "same",
    one,
    gpt2(**SAME, add_prefix_space=False),
    False,
    "Begin and end are one token, no template: nothing in front (GPT-2, SmolLM, SmolLM2).",
)
ask(
    "own",
    two,
    plain(**OWN, add_bos_token=False, add_eos_token=False),
    False,
    "A begin token of its own, add_bos_token false, no template: nothing in front (Yi).",
)
ask("template", with_template, plain(**OWN), True, "A template that begins with it: in front (Llama 3).")
ask(
    "true-without-template",
    two,
    plain(**OWN, add_bos_token=True),
    False,
    "tokenizer.json without template wins over add_bos_token true.",
)
ask(
    "false-with-template",
    with_template,
    plain(**OWN, add_bos_token=False),
    True,
    "The template of tokenizer.json wins over add_bos_token false.",
)
ask("gpt2-files", one, gpt2(**SAME), False, "vocab.json and merges.txt, nothing said: nothing in front.")
ask(
    "gpt2-files-true",
    one,
    gpt2(**SAME, add_bos_token=True),
    True,
    "vocab.json and merges.txt have no template: there add_bos_token true counts.",
)


for said in (False, True):
    name = f"sentencepiece-{str(said).lower()}"
    size = tiny.sentencepiece_model("piece.model", 310)
    shape = tiny.config(size, num_hidden_layers=1, bos_token_id=1, eos_token_id=2)
    tiny.write_folder(
        name,
        shape,
        None,
        None,
        {
            "tokenizer_class": "LlamaTokenizer",
            "bos_token": "<s>",
            "eos_token": "</s>",
            "unk_token": "<unk>",
            "legacy": False,
            "add_bos_token": said,
        },
    )
    os.replace("piece.model", f"{name}/tokenizer.model")
    ids = sentencepiece.SentencePieceProcessor(model_file=f"{name}/tokenizer.model").encode(PROMPT)
    expected, other = ([1] + ids, ids) if said else (ids, [1] + ids)
    drawn = forward.choose(tiny.weights, shape, [(expected, {})], [(other, {})], new=4, ends=(0, 1, 2))
    tiny.write_safetensors(f"{name}/model.safetensors", drawn)
    note = "tokenizer.model: " + ("add_bos_token true, in front." if said else "add_bos_token false, nothing in front.")
    cases.append(
        {
            "name": name,
            "do": "generate",
            "note": note,
            "model": name,
            "prompt": PROMPT,
            "new": 4,
            "second": lambda case, at=(drawn, shape, expected): {
                "promptIds": at[2],
                "tokens": forward.greedy(at[0], at[1], at[2], case["new"])[0],
            },
        }
    )

tiny.write_text("document.jsonl", json.dumps({"text": "Nine boats left before dawn, and seven came back."}) + "\n")
for name, made in (("same", one), ("own", two)):
    encode = lambda text, made=Tokenizer.from_str(json.dumps(made)): made.encode(text, add_special_tokens=False).ids
    words = [
        "fog",
        "sea",
        "net",
        "lamp",
        "wall",
        "gull",
        "noon",
        "boats",
        "night",
        "wind",
        "harbour",
        "matches",
        "keeper",
        "rain",
        "storm",
        "dawn",
    ]
    asked = telling_questions(weights, cfg, encode, (0,), words, words)
    tiny.write_text(f"questions-{name}.jsonl", "".join(json.dumps(one) + "\n" for one in asked))
for name in ("same", "own"):
    cases.append(
        {
            "name": f"{name}, training",
            "do": "train",
            "note": "Documents are text and end; no begin. Loss of the first step, f32.",
            "model": name,
            "file": "document.jsonl",
        }
    )
    cases.append(
        {
            "name": f"{name}, multiple choice",
            "do": "choices",
            "note": "Scores of the model as it is, f32. With a begin in front, acc and acc_norm are others.",
            "model": name,
            "file": f"questions-{name}.jsonl",
            "second": answers.other_with_begin,
        }
    )

answers.finish(
    "bos-not-added",
    "Whether encoding puts the begin token in front of a text is for the tokenizer's files to say, in generation, training and evaluation alike; that bos_token is named does not say it.",
    cases,
)
