"""Fills chat-folders.json: what transformers renders, and which tokens it marks, for the files of each folder there.

python3 test/tokenizer/make-chat-folders.py   (transformers 5.24, tokenizers 0.23)

The tokenizer is that of chats.json. To add a folder or a conversation, add it to chat-folders.json.
"""

import json
import sys
import tempfile
from pathlib import Path

from transformers import AutoTokenizer
from transformers.utils import chat_template_utils

HERE = Path(__file__).parent
TOKENIZER = json.loads((HERE / "chats.json").read_text())["tokenizer"]

# Strata's templates get no clock.
compile_template = chat_template_utils._cached_compile_jinja_template


def without_clock(template):
    compiled = compile_template(template)
    compiled.environment.globals.pop("strftime_now", None)
    compiled.globals.pop("strftime_now", None)
    return compiled


chat_template_utils._cached_compile_jinja_template = without_clock


def apply(tokenizer, chat):
    options = {**chat.get("variables", {}), "tools": chat.get("tools"), "documents": chat.get("documents")}
    try:
        text = tokenizer.apply_chat_template(chat["messages"], tokenize=False, **options)
    except Exception as error:
        return {"error": str(error)}
    if "generation" not in str(tokenizer.chat_template):
        return {"text": text}
    marked = tokenizer.apply_chat_template(chat["messages"], return_assistant_tokens_mask=True, **options)
    return {"text": text, "ids": marked["input_ids"], "mask": marked["assistant_masks"]}


def open_folder(files):
    with tempfile.TemporaryDirectory() as folder:
        for name, content in {"tokenizer.json": TOKENIZER, "tokenizer_config.json": {}, **files}.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content if isinstance(content, str) else json.dumps(content))
        return AutoTokenizer.from_pretrained(folder)


path = HERE / "chat-folders.json"
golden = json.loads(path.read_text())
for folder in golden["folders"]:
    tokenizer = open_folder(folder["files"])
    for chat in folder["chats"]:
        for key in ["text", "error", "ids", "mask"]:
            chat.pop(key, None)
        chat.update(apply(tokenizer, chat))
path.write_text(json.dumps(golden, indent=1, ensure_ascii=False) + "\n")
print(sum(len(folder["chats"]) for folder in golden["folders"]), "conversations", file=sys.stderr)
