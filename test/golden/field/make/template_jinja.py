"""What else Jinja does in chat templates: booleans as Python prints them, filters and methods that templates of the hub use."""

import answers

answers.begin(__file__, "template-jinja")
M = [
    {"role": "user", "content": "Where is it?"},
    {
        "role": "assistant",
        "content": "",
        "tool_calls": [
            {
                "type": "function",
                "function": {
                    "name": "find",
                    "arguments": {"q": "é", "n": 2, "ok": True, "none": None, "deep": [1, "a", {"b": False}]},
                },
            }
        ],
    },
]
ARGUMENTS = "messages[1].tool_calls[0].function.arguments"
# A template, or one with what a refusal must name where it may be refused: what hardly any template uses.
groups = {
    "printed booleans": [
        "{{ true }} {{ false }} {{ 1 == 1 }}",
        "{% for k, v in " + ARGUMENTS + ".items() %}<{{ k }}>{{ v }}</{{ k }}>{% endfor %}",
        "{{ 'x' ~ true ~ none }}",
        "{{ " + ARGUMENTS + ".ok | string }}",
        "{{ 'is'.startswith('i') }}",
    ],
    "printed mappings and lists": [
        "{{ " + ARGUMENTS + " }}",
        "{{ [1, 'a', none, 2.5, \"it's\"] }}",
        "{{ " + ARGUMENTS + " | string }}",
        "{{ ('a', 1) }}",
        "{{ {'k': {'b': [true]}} }}",
    ],
    "filters": [
        "{{ 'abc' | first }}{{ 'abc' | last }}",
        "{{ [1, 2, 3] | sum }}",
        "{{ 2.567 | round(1) }} {{ 2.5 | round }}",
        "{{ '<b>&' | escape }} {{ '<i>' | e }}",
        "{{ {'b': 1, 'a': 2} | dictsort | join(';', attribute=0) }}",
        ("{{ 'a long sentence of words' | truncate(12) }}", "truncate"),
        ("{{ [3, 1, 2] | max }}{{ [3, 1, 2] | min }}", "max"),
        ("{{ [1, 2, 3, 4, 5] | batch(2) | list | length }}", "batch"),
        ("{{ 'a,b' | wordcount }}", "wordcount"),
    ],
    "methods": [
        "{{ 'abcabc'.find('c') }} {{ 'abc'.find('x') }}",
        "{{ 'a\\nb\\r\\nc'.splitlines() | join('|') }}",
        "{{ ', '.join(['a', 'b']) }}",
        "{{ 'a{}b{}'.format(1, 'x') }}",
        "{{ 'abcabc'.count('c') }}",
        "{{ 'abc'.upper().lower().capitalize() }}",
        "{{ {'a': 1}.get('a') }} {{ {'a': 1, 'b': 2}.values() | list }}",
        ("{{ '%s-%d' % ('a', 3) }}", "%"),
        ("{{ 'x'.isdigit() }} {{ '12'.isdigit() }}", "isdigit"),
        ("{{ 'a-b-c'.rsplit('-', 1) | join('|') }}", "rsplit"),
        ("{{ 'a-b-c'.partition('-') | join('|') }}", "partition"),
        ("{{ 'prefix-x'.removeprefix('prefix-') }}", "removeprefix"),
    ],
    "operators and numbers": [
        "{{ -7 % 3 }} {{ -7 // 2 }} {{ 7 // 2 }} {{ 2 ** 3 }}",
        "{{ 'ab' * 3 }}",
        "{{ 6 / 2 }} {{ 1.0 }} {{ 0.1 + 0.2 }}",
        "{{ '😀é' | length }} {{ '😀é'[1] }}",
        "{{ 1 if true }}{{ 'b' if false else 'c' }}",
        "{{ [1, 2] + [3] }} {{ 2 in [1, 2] }}",
        ("{{ 1e3 }}", "1e3"),
        ("{{ [0] * 2 }}", "\\*"),
    ],
}
cases = []
for group, templates in groups.items():
    for i, template in enumerate(templates, 1):
        template, refuse = template if isinstance(template, tuple) else (template, None)
        cases.append(
            {
                "name": f"{group} {i}",
                "do": "chat",
                "template": template,
                "messages": M,
                **({"mayRefuse": refuse} if refuse else {}),
            }
        )
answers.finish(
    "template-jinja",
    "Templates are rendered as Jinja 3 in transformers' settings does. What hardly any template uses may be refused by its name; nothing may be printed otherwise.",
    cases,
)
