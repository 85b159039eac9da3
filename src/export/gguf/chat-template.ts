import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readJson } from "../../tokenizer/special-tokens.js";

/** The template of a folder: chat_template.jinja, or in tokenizer_config.json (of several the one named default). */
export function readChatTemplate(folder: string): string | null {
  const file = join(folder, "chat_template.jinja");
  if (existsSync(file)) return readFileSync(file, "utf8");
  const path = join(folder, "tokenizer_config.json");
  if (!existsSync(path)) return null;
  const { chat_template: template } = readJson(path) as { readonly chat_template?: unknown };
  if (typeof template === "string") return template;
  if (!Array.isArray(template)) return null;
  const named = template as readonly { readonly name?: string; readonly template?: string }[];
  return named.find(({ name }) => name === "default")?.template ?? null;
}
