"""Ids of `added_tokens` in tokenizer.json that are not those which `tokenizers` gives."""

import copy
import answers, tiny
from tiny import added

answers.begin(__file__, "added-token-ids")
base, cases = tiny.byte_bpe(276), []
word = next(
    token
    for token, id in base["model"]["vocab"].items()
    if id > 257 and token.isalpha() and token.isascii() and len(token) == 3
)
end = added("<|end|>", 0)


def ask(name, note, tokens, text, unk=None, refuse=None):
    made = copy.deepcopy(base)
    made["added_tokens"] = tokens
    if unk:
        made["model"]["unk_token"] = unk
    tiny.write_folder(name, None, None, made, {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|end|>"})
    cases.append(
        {
            "name": name,
            "do": "encode",
            "note": note,
            "tokenizer": name,
            "text": text,
            **({"mayRefuse": refuse} if refuse else {}),
            "second": answers.by_tokenizers(made),
        }
    )


ask(
    "gap",
    "Ids after a gap: the next free ones are taken.",
    [end, added("<|user|>", 280), added("<|done|>", 281)],
    "a<|user|>b<|done|>",
    refuse="added_tokens",
)
ask(
    "in-vocabulary",
    "A content that the vocabulary has keeps the vocabulary's id.",
    [end, added(word, 300, False)],
    f"x {word} y",
    refuse="added_tokens",
)
ask(
    "order",
    "The next free ids go by the order of the list.",
    [end, added("<|done|>", 277), added("<|user|>", 276)],
    "a<|user|>b<|done|>",
    refuse="added_tokens",
)
ask("empty", "An empty content is passed over.", [end, added("", 276)], "a<|user|>b")
ask(
    "unk-added",
    "unk_token of a byte-level model may be an added token only.",
    [end, added("<unk>", 276)],
    "a<unk>b",
    unk="<unk>",
)
answers.finish(
    "added-token-ids",
    "The id of an added token is the vocabulary's where the vocabulary has it, else the next free one in the order of the list; the id that is written is not looked at. Where the two disagree, a refusal that names the entry is as good.",
    cases,
)
