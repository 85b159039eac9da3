import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readObject } from "../special-tokens.js";

export interface FoundTemplate {
  /** Null if there is none of the name. */
  readonly source: string | null;
  /** Of the templates that a JSON file lists. */
  readonly names: readonly unknown[];
}

/** A chat template of a folder: chat_template.jinja, chat_template.json or `chat_template` of tokenizer_config.json, in this order. */
export function findChatTemplate(folder: string, name: string): FoundTemplate {
  const file = join(folder, name === "default" ? "chat_template.jinja" : `additional_chat_templates/${name}.jinja`);
  if (existsSync(file)) return { source: readFileSync(file, "utf8"), names: [] };
  const written = ["chat_template.json", "tokenizer_config.json"].map(
    (json) => readObject(join(folder, json)).chat_template,
  );
  const first = written.find((value) => value !== undefined && value !== null);
  const named: ReadonlyMap<unknown, unknown> = new Map(
    Array.isArray(first) ? first.map((item) => [item.name, item.template]) : [["default", first]],
  );
  const found = named.get(name);
  return {
    source: typeof found === "string" ? found : null,
    names: [...named.keys()].filter((key) => typeof named.get(key) === "string"),
  };
}
