"""Writes models and data folders for the comparison with lm-evaluation-harness.

python3 bench/peers/evaluation_inputs.py --data DATA --out FOLDER

DATA holds arc/, hellaswag/, gsm8k/, stories/ and tokenizers/, as the authors publish them. FOLDER gets
models/NAME (random Llamas; one tokenizer adds a begin token, the other does not) and data/TASK (one file a split, in
the hub's columns). Tasks whose data are not at hand get documents made of ARC's and HellaSwag's.
"""

import argparse
import json
import re
from pathlib import Path

from open_tokenizer import open_tokenizer

DOCUMENTS = 200


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf8").splitlines() if line]


def write(folder, **splits):
    folder.mkdir(parents=True, exist_ok=True)
    for split, documents in splits.items():
        text = "".join(json.dumps(document, ensure_ascii=False) + "\n" for document in documents)
        (folder / f"{split}.jsonl").write_text(text, encoding="utf8")


def arc(path):
    return [
        {
            "id": document["id"],
            "question": document["question"]["stem"],
            "choices": {
                "text": [choice["text"] for choice in document["question"]["choices"]],
                "label": [choice["label"] for choice in document["question"]["choices"]],
            },
            "answerKey": document["answerKey"],
        }
        for document in lines(path)
    ]


def hellaswag(path):
    keys = ("ind", "activity_label", "ctx_a", "ctx_b", "ctx", "endings", "source_id", "split", "split_type")
    return [{**{key: document[key] for key in keys}, "label": str(document["label"])} for document in lines(path)]


def wikitext(path):
    parts = re.split(r"(?m)^(?= = [^=].* = \n)", path.read_text(encoding="utf8"))
    return [{"page": part} for part in parts if len(part) > 200]


def of_arc(documents):
    """The same questions with four choices, in the columns of other tasks."""
    four = [document for document in documents if len(document["choices"]["text"]) == 4]
    made = {name: [] for name in ("sciq", "openbookqa", "mmlu_astronomy", "winogrande", "boolq", "piqa")}
    for i, document in enumerate(four):
        texts, labels = document["choices"]["text"], document["choices"]["label"]
        gold = labels.index(document["answerKey"])
        wrong = [text for k, text in enumerate(texts) if k != gold]
        question = document["question"]
        support = "" if i % 3 == 0 else f"{question} {texts[gold]}. Other answers were given, too."
        made["sciq"].append(
            {"question": question, **{f"distractor{k + 1}": wrong[k] for k in (2, 0, 1)}, "correct_answer": texts[gold]}
            | {"support": support}
        )
        letters = {"text": texts, "label": list("ABCD")}
        made["openbookqa"].append(
            {"id": document["id"], "question_stem": question, "choices": letters, "answerKey": "ABCD"[gold]}
        )
        made["mmlu_astronomy"].append(
            {"question": f" {question}\n", "subject": "astronomy", "choices": texts, "answer": gold}
        )
        answer = 1 + i % 2
        options = [wrong[0], texts[gold]] if answer == 2 else [texts[gold], wrong[0]]
        made["winogrande"].append(
            {"sentence": f"Asked “{question}”, she said that _ is right, and nobody objected."}
            | {"option1": options[0], "option2": options[1], "answer": str(answer)}
        )
        made["boolq"].append(
            {"question": f"is {texts[i % 4].lower().rstrip('.')} right", "passage": f"{question} It is {texts[gold]}"}
            | {"idx": i, "label": int(i % 4 == gold)}
        )
        made["piqa"].append({"goal": question, "sol1": options[0], "sol2": options[1], "label": answer - 1})
    return made


def write_data(source, out):
    for name, folder in (("arc_easy", "Easy"), ("arc_challenge", "Challenge")):
        splits = {split: arc(source / f"arc/ARC-{folder}-{split}.jsonl") for split in ("Train", "Dev", "Test")}
        write(out / name, train=splits["Train"], validation=splits["Dev"], test=splits["Test"][:DOCUMENTS])
    examples = hellaswag(source / "hellaswag/train-head.jsonl")
    write(out / "hellaswag", train=examples[DOCUMENTS:], validation=examples[:DOCUMENTS])
    train, test = (lines(source / f"gsm8k/{split}.jsonl") for split in ("train", "test"))
    write(out / "gsm8k", train=train, test=test[:DOCUMENTS])
    pages = wikitext(source / "stories/wikitext2-valid-tokenized.txt")
    write(out / "wikitext", train=pages[:1], validation=pages[:1], test=pages[:12])
    made = of_arc(arc(source / "arc/ARC-Easy-Dev.jsonl"))
    for name, documents in made.items():
        first, second, third = documents[:60], documents[60:120], documents[120:]
        splits = {"dev": third[:5]} if name == "mmlu_astronomy" else {"train": third}
        write(out / name, test=first, validation=second, **splits)


def write_model(folder, tokenizer, maximum, layers, seed, bos, eos, template=None, favored=()):
    """`favored` are tokens that the model writes more often: random weights hardly ever write a number."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    torch.manual_seed(seed)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token=bos, eos_token=eos)
    config = LlamaConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=64,
        intermediate_size=160,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=maximum,
        initializer_range=0.2,
        bos_token_id=fast.bos_token_id,
        eos_token_id=fast.eos_token_id,
        tie_word_embeddings=False,
    )
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        tokens = fast.convert_ids_to_tokens(range(len(fast)))
        model.lm_head.weight[[i for i, token in enumerate(tokens) if token in favored]] *= 2.5
    model.save_pretrained(folder)
    fast.chat_template = template
    fast.save_pretrained(folder)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    write_data(options.data, options.out / "data")
    tokenizers = options.data / "tokenizers"
    models = options.out / "models"
    write_model(models / "llama2", open_tokenizer(tokenizers / "llama2"), 512, 2, 1, "<s>", "</s>")
    numbers = [*"0123456789.,$-:", "<0x0A>", "####", "▁####", "▁The", "▁answer", "▁is", "▁Question", "Question", "</s>"]
    opened = open_tokenizer(tokenizers / "llama2")
    write_model(models / "numbers", opened, 1024, 2, 3, "<s>", "</s>", favored=numbers)
    template = (tokenizers / "llama3/chat-template.jinja").read_text(encoding="utf8")
    opened = open_tokenizer(tokenizers / "llama3")
    write_model(models / "llama3", opened, 2048, 2, 4, "<|begin_of_text|>", "<|eot_id|>", template)
    end = "<|endoftext|>"
    write_model(models / "gpt2", open_tokenizer(tokenizers / "gpt2"), 2048, 3, 2, end, end)


main()
