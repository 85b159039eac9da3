"""Trains a byte-level BPE with Llama 3's pattern on documents. Units are bytes of text."""

import json
from pathlib import Path

from tokenizing import set_threads


def prepare(work):
    set_threads(work["tokenizerThreads"])
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    from open_tokenizer import llama3_pre_tokenizer

    texts = [text for line in Path(work["texts"]).read_text(encoding="utf8").splitlines() for text in json.loads(line)]
    size = sum(len(text.encode()) for text in texts)

    def learn():
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = llama3_pre_tokenizer()
        trainer = trainers.BpeTrainer(
            vocab_size=work["vocabSize"],
            special_tokens=["<|begin_of_text|>", "<|end_of_text|>"],
            show_progress=False,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        )
        tokenizer.train_from_iterator(texts, trainer)
        return tokenizer

    def run():
        learn()
        return size

    model = json.loads(learn().to_str())["model"]
    merges = [model["vocab"][token] for pair in model["merges"] for token in pair]
    return run, [len(merges), *merges]
