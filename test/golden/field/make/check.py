"""Asks the installed programs for every answer again: python3 make/check.py [KIND...]. Prints the differences.
CASES=FOLDER takes the cases of another folder."""

import glob, json, os, sys
import answers

root = os.environ.get("CASES") or os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cases")
import tokenizers, transformers

print("transformers", transformers.__version__, "tokenizers", tokenizers.__version__)
total = differing = unasked = 0
for path in sorted(glob.glob(f"{root}/*/expected.json")):
    made = json.load(open(path, encoding="utf-8"))
    if sys.argv[1:] and made["kind"] not in sys.argv[1:]:
        continue
    os.chdir(os.path.dirname(path))
    for case in made["cases"]:
        total += 1
        try:
            again = answers.answer(case)
        except ImportError:
            unasked += 1
            continue
        except (Exception, SystemExit) as error:
            again = {"refused": f"{type(error).__name__} {str(error)[:100]}"}
        other = {key: value for key, value in again.items() if not answers.same(case.get(key), value)}
        if other:
            differing += 1
            print(
                f"{made['kind']} / {case['name']}: {str(other)[:260]} in place of {str({key: case.get(key) for key in other})[:260]}"
            )
print(f"{total} cases, {differing} answered otherwise, {unasked} not asked for want of a library")
