"""Chat templates that call lstrip, rstrip and strip with the characters to remove."""

import answers

answers.begin(__file__, "template-strip-argument")
CODE = [
    {"role": "user", "content": "A loop?"},
    {"role": "assistant", "content": "<think>\nshort\n</think>\n\n    while x:\n        x -= 1  \n"},
]
ONE = [{"role": "user", "content": "\n  x \n"}]
cases = [
    {"name": name, "do": "chat", "template": template, "messages": messages}
    for name, template, messages in (
        (
            "thoughts cut off",
            "{% for m in messages %}[{{ m.role }}]{{ m.content.split('</think>')[-1].lstrip('\\n').rstrip('\\n') }}{% endfor %}",
            CODE,
        ),
        ("lstrip", "{{ messages[0].content.lstrip('\\n') }}|", ONE),
        ("rstrip", "{{ messages[0].content.rstrip('\\n') }}|", ONE),
        ("strip", "{{ messages[0].content.strip('\\n') }}|{{ 'xyaxbyx'.strip('yx') }}|{{ 'aXa'.strip('b') }}", ONE),
        (
            "of nothing",
            "{{ messages[0].content.strip('') }}|{{ messages[0].content.strip(none) }}|{{ messages[0].content.strip() }}",
            ONE,
        ),
        ("by name in a variable", "{% set ends = '.!' %}{{ 'Yes!.'.rstrip(ends) }}|{{ '..no'.lstrip(ends) }}", ONE),
    )
]
answers.finish(
    "template-strip-argument",
    "str.strip, lstrip and rstrip take away the letters of their argument only; without one, or with none, all white space.",
    cases,
)
