import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readContent } from "../../files/lfs-pointer.js";
import { readObject } from "../special-tokens.js";

/**
 * The sources of a model's chat templates by name; one without a name is `default`. As in transformers, template files
 * replace `chat_template` of tokenizer_config.json. A chat_template.json is read if there is nothing else.
 */
export function findChatTemplates(folder: string): ReadonlyMap<string, string> {
  const files = templateFiles(folder);
  if (files.size > 0) return files;
  for (const json of ["tokenizer_config.json", "chat_template.json"]) {
    const named = namedTemplates(readObject(join(folder, json)).chat_template);
    if (named.size > 0) return named;
  }
  return new Map();
}

/** chat_template.jinja, and the files of additional_chat_templates by their names. */
function templateFiles(folder: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const byDefault = join(folder, "chat_template.jinja");
  if (existsSync(byDefault)) found.set("default", readContent(byDefault).toString("utf8"));
  const more = join(folder, "additional_chat_templates");
  if (existsSync(more))
    for (const file of readdirSync(more).sort())
      if (file.endsWith(".jinja"))
        found.set(file.slice(0, -".jinja".length), readContent(join(more, file)).toString("utf8"));
  return found;
}

/** `chat_template`: a text, an object by name, or a list of `{ name, template }`. */
function namedTemplates(value: unknown): ReadonlyMap<string, string> {
  if (typeof value === "string") return new Map([["default", value]]);
  if (typeof value !== "object" || value === null) return new Map();
  const pairs: readonly (readonly [unknown, unknown])[] = Array.isArray(value)
    ? value.map(({ name, template }: { name?: unknown; template?: unknown }) => [name, template] as const)
    : Object.entries(value);
  const found = new Map<string, string>();
  for (const [name, template] of pairs)
    if (typeof name === "string" && typeof template === "string") found.set(name, template);
  return found;
}
