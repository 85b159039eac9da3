"""Evaluation data whose answer is a number where a text is expected."""

import json
import answers, tiny

answers.begin(__file__, "numeric-answers")
tiny.write_text(
    "exact.jsonl",
    '{"question": "How many boats came back?", "answer": 7}\n{"question": "How many left?", "answer": "9"}\n',
)
tiny.write_text(
    "choices.jsonl",
    json.dumps(
        {
            "question": "What is quiet?",
            "choices": {"text": ["the sea", "the harbour", "the wind"], "label": ["1", "2", "3"]},
            "answerKey": 2,
        }
    )
    + "\n",
)
tiny.write_text(
    "letters.jsonl",
    json.dumps(
        {
            "question": "What is quiet?",
            "choices": {"text": ["the sea", "the harbour", "the wind"], "label": ["A", "B", "C"]},
            "answerKey": "2",
        }
    )
    + "\n",
)
why = "Known when the file is read for the first time: it must be told before anything is trained, with the file, the record and the field; or be read."
answers.finish(
    "numeric-answers",
    "A record that no evaluation can use is told before the training, not after it.",
    [
        {
            "name": "a number in answer",
            "do": "tell_early",
            "evaluation": "gsm8k",
            "files": ["exact.jsonl"],
            "mayRead": True,
            "says": ["exact\\.jsonl:1", "answer"],
            "note": why + " lm-eval writes it as text: 7.",
        },
        {
            "name": "a number in answerKey",
            "do": "tell_early",
            "evaluation": "arc_easy",
            "files": ["choices.jsonl"],
            "mayRead": True,
            "says": ["choices\\.jsonl:1", "answerKey"],
            "note": why + ' lm-eval looks 2 up among texts and fails; 2 for "2" would be as good.',
        },
        {
            "name": "a key that is no label",
            "do": "tell_early",
            "evaluation": "arc_easy",
            "files": ["letters.jsonl"],
            "says": ["letters\\.jsonl:1", "answerKey"],
            "note": why,
        },
    ],
)
