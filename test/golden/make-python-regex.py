# Makes python-regex.json: what Python's re finds in texts.
# python3 make-python-regex.py > python-regex.json
import json
import re

patterns = [
    r"#### (\-?[0-9\.\,]+)",
    r"(-?[$0-9.,]{2,})|(-?[0-9]+)",
    r"The answer is (\-?[0-9\.\,]+).",
    r"(?s).*#### ",
    r"\.$",
    r"\$",
    r"(?i)ANSWER:?\s*([a-d])\b",
    r"[^\w\s]",
    r"\bword\b",
    r"(?P<a>\d+)-(?P=a)",
    r"[]a]+",
    r"[[]x",
    r"x{2}|y{,2}z|{",
    r"\A\w+|\w+\Z",
    r"(?m)^\s*(\d+)$",
    r"\\boxed\{([^{}]*)\}",
    r"\u00e9|\x41",
    r"(a)(b)?",
    r"[\d\-,]+",
    r"(?<=\()[A-Z](?=\))",
    r"\D+|\S",
]
texts = [
    "9*2=<<9*2=18>>18\n#### 18",
    "so $1,234.50. The answer is 12. #### -3,000.\n",
    "Answer: (B)\nanswer c, word words ٣٤ 12-12 7-8",
    "]]a [x xx yz {y} A é \\boxed{4} 5\n 42\n",
    "",
    "a ab b.",
    "ends with a dot.\n",
    "naïve café – “quoted”\u2028next",
]
print(json.dumps([
    {"pattern": p, "results": [{"text": t, "found": re.findall(p, t), "removed": re.sub(p, "", t)} for t in texts]}
    for p in patterns
], ensure_ascii=False, indent=1))
