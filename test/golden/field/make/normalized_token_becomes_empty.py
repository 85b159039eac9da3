"""A normalized added token that the normalizer empties."""

import copy
import answers, tiny
from tiny import added

answers.begin(__file__, "normalized-token-becomes-empty")
base, cases = tiny.byte_bpe(276), []


def ask(name, normalizer, tokens, text, note):
    made = copy.deepcopy(base)
    made["normalizer"] = normalizer
    made["added_tokens"] += [added(content, 276 + i, False, normalized=True) for i, content in enumerate(tokens)]
    tiny.write_folder(name, None, None, made, {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|end|>"})
    cases.append(
        {
            "name": name,
            "do": "encode",
            "note": note,
            "tokenizer": name,
            "text": text,
            "second": answers.by_tokenizers(made),
        }
    )


strip = {"type": "Strip", "strip_left": True, "strip_right": False}
ask(
    "blank-lines",
    strip,
    ["\n\n"],
    "the\n\nfog\n",
    "Strip leaves nothing of two line ends: the token is nowhere, not everywhere.",
)
ask("blank-lines-and-another", strip, ["\n\n", "fog"], "the\n\nfog", "The other one is found as ever.")
answers.finish(
    "normalized-token-becomes-empty",
    "A normalized added token whose normalized content is empty is never found.",
    cases,
)
