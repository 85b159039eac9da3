import { existsSync } from "node:fs";
import { join } from "node:path";
import { readContent } from "../../files/lfs-pointer.js";
import { readObject } from "../special-tokens.js";

export interface FoundTemplate {
  /** Null if there is no template of this name. */
  readonly source: string | null;
  /** The names of the templates in the JSON file. */
  readonly names: readonly unknown[];
}

/** Looks in chat_template.jinja, chat_template.json and `chat_template` of tokenizer_config.json, in this order. */
export function findChatTemplate(folder: string, name: string): FoundTemplate {
  const file = join(folder, name === "default" ? "chat_template.jinja" : `additional_chat_templates/${name}.jinja`);
  if (existsSync(file)) return { source: readContent(file).toString("utf8"), names: [] };
  const fromFiles = ["chat_template.json", "tokenizer_config.json"].map(
    (json) => readObject(join(folder, json)).chat_template,
  );
  const first = fromFiles.find((value) => value !== undefined && value !== null);
  const named: ReadonlyMap<unknown, unknown> = new Map(
    Array.isArray(first) ? first.map((item) => [item.name, item.template]) : [["default", first]],
  );
  const found = named.get(name);
  return {
    source: typeof found === "string" ? found : null,
    names: [...named.keys()].filter((key) => typeof named.get(key) === "string"),
  };
}
