"""Makes chats.json: conversations rendered with chat templates by transformers, and their ids.

python3 test/tokenizer/make-chats.py LLAMA3   (transformers 5, tokenizers 0.23)

LLAMA3 is the file of Llama 3's chat template, which this repository may not redistribute: only hashes of its texts are
kept.
"""

import hashlib
import json
import sys
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

TURNS = """{% for message in messages %}
    {{- '<|turn|>' + message['role'] + '\\n' + message['content'] | trim + '<|done|>' + '\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|turn|>assistant\\n' }}
{%- endif %}"""

HEADED = """{{- bos_token }}
{%- if not date_string is defined %}{% set date_string = "1 May 2020" %}{% endif %}
{%- if messages[0]['role'] == 'system' %}
    {%- set system = messages[0]['content'] | trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system = "" %}
{%- endif %}
{{- "[head]system[tail]\\n\\nToday: " + date_string + "\\n" + system + "[end]" }}
{%- if tools %}
    {%- for tool in tools %}
        {{- "Tool: " + (tool | tojson(indent=2)) + "\\n" }}
    {%- endfor %}
{%- endif %}
{%- for message in messages %}
    {%- if message.role == 'tool' %}
        {{- "[head]ipython[tail]\\n\\n" + (message.content | tojson if message.content is mapping else message.content) + "[end]" }}
    {%- elif message.tool_calls is defined %}
        {{- "[head]assistant[tail]\\n\\n" + (message.tool_calls[0].function | tojson) + "[end]" }}
    {%- else %}
        {{- '[head]' + message['role'] + '[tail]\\n\\n' + message['content'] | trim + '[end]' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{ '[head]assistant[tail]\\n\\n' }}{% endif %}"""

INSTRUCTED = """{{ bos_token }}{% for message in messages %}
{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('user and assistant must take turns') }}{% endif %}
{% if message['role'] == 'user' %}[INST] {{ message['content'] }} [/INST]{% else %} {{ message['content'] + eos_token }}{% endif %}
{% endfor %}"""

CHATS = [
    [{"role": "user", "content": "What is 2 + 2?"}, {"role": "assistant", "content": "It is 4."}],
    [
        {"role": "user", "content": "  Günaydın 😀\n"},
        {"role": "assistant", "content": "Merhaba!"},
        {"role": "user", "content": "<|done|> 日本"},
        {"role": "assistant", "content": "\n\n Said  \n again"},
    ],
    [
        {"role": "system", "content": 'Be "brief" & kind.\n'},
        {"role": "user", "content": "Why?"},
        {"role": "assistant", "content": "So."},
        {"role": "user", "content": "And?"},
    ],
]
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "add",
            "description": "Adds é",
            "parameters": {"type": "object", "properties": {"a": {"type": "number"}}},
        },
    }
]
CALLED = [
    {"role": "user", "content": "Add 1."},
    {
        "role": "assistant",
        "content": "",
        "tool_calls": [
            {"type": "function", "function": {"name": "add", "arguments": {"a": 1.5, "b": None, "c": [True]}}}
        ],
    },
    {"role": "tool", "content": {"sum": 2}},
    {"role": "assistant", "content": "It is 2."},
]


def build_tokenizer(template):
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    pairs = [("a", "s"), ("i", "s"), ("Ċ", "Ċ"), ("t", "h"), ("Ġ", "I")]
    vocabulary = {token: i for i, token in enumerate([*alphabet, *("".join(pair) for pair in pairs)])}
    inner = Tokenizer(models.BPE(vocabulary, pairs))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    specials = ["<s>", "</s>", "<|turn|>", "<|done|>", "[head]", "[tail]", "[end]"]
    inner.add_special_tokens([AddedToken(special, normalized=False) for special in specials])
    return PreTrainedTokenizerFast(tokenizer_object=inner, bos_token="<s>", eos_token="</s>", chat_template=template)


def render(tokenizer, chat, **options):
    try:
        return tokenizer.apply_chat_template(chat, tokenize=False, **options)
    except Exception as error:
        return {"error": str(error)}


def describe(name, template, chats, **options):
    tokenizer = build_tokenizer(template)
    cases = []
    for chat in chats:
        text = render(tokenizer, chat, **options)
        ids = (
            None
            if isinstance(text, dict)
            else tokenizer.apply_chat_template(chat, tokenize=True, return_dict=False, **options)
        )
        cases.append(
            {
                "messages": chat,
                "text": text,
                "prompt": render(tokenizer, chat, add_generation_prompt=True, **options),
                "ids": ids,
            }
        )
    return {"name": name, "template": template, "options": options, "cases": cases}


def hashes(template):
    tokenizer = build_tokenizer(template)
    chats = [*CHATS, [CALLED[0], CALLED[3]]]
    texts = [
        tokenizer.apply_chat_template(
            chat, tokenize=False, tools=tools, add_generation_prompt=prompt, date_string="26 Jul 2024"
        )
        for chat in chats
        for tools in [None, TOOLS]
        for prompt in [False, True]
    ]
    return {"chats": chats, "tools": TOOLS, "sha256": [hashlib.sha256(text.encode()).hexdigest() for text in texts]}


def main():
    golden = {
        "tokenizer": json.loads(build_tokenizer(TURNS).backend_tokenizer.to_str()),
        "templates": [
            describe("turns", TURNS, CHATS),
            describe("turns with a head", HEADED, CHATS),
            describe("turns with a head and tools", HEADED, [CALLED], tools=TOOLS, date_string="2 Jun 2021"),
            describe("instructions", INSTRUCTED, CHATS),
        ],
        "llama3": hashes(Path(sys.argv[1]).read_text(encoding="utf8")),
    }
    Path(__file__).with_name("chats.json").write_text(
        json.dumps(golden, ensure_ascii=False, separators=(",", ":")), encoding="utf8"
    )


main()
