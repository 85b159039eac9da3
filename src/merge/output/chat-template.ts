import { existsSync } from "node:fs";
import { join } from "node:path";
import type { MergeConfig } from "../config/merge-config.js";
import type { InputModel } from "../inputs/open-model.js";
import { mergeError } from "../merge-error.js";
import { namedChatTemplates } from "./named-chat-templates.js";
import { readText } from "../../files/read-text.js";

/**
 * The chat template that a configuration asks for: `auto` (the most frequent one of the models), a name, or Jinja.
 *
 * @returns null if it asks for none, or with `auto` if no model has one
 */
export function resolveChatTemplate({ chatTemplate, file }: MergeConfig, models: readonly InputModel[]): string | null {
  if (chatTemplate === null) return null;
  if (chatTemplate === "auto") return mostFrequent(models.map(templateOf).filter((template) => template !== null));
  const named = namedChatTemplates.get(chatTemplate);
  if (named !== undefined) return named;
  if (chatTemplate.length >= 20 && chatTemplate.includes("{")) return chatTemplate;
  throw mergeError(
    `${file} chat_template`,
    `auto, ${[...namedChatTemplates.keys()].join(", ")}, or a Jinja template`,
    JSON.stringify(chatTemplate),
    "auto takes the template of the models; one that has no name here has to be pasted.",
  );
}

/** The first of those that occur most often. */
function mostFrequent(templates: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const template of templates) counts.set(template, (counts.get(template) ?? 0) + 1);
  const most = Math.max(0, ...counts.values());
  return [...counts].find(([, count]) => count === most)?.[0] ?? null;
}

function templateOf({ folder }: InputModel): string | null {
  const jinja = join(folder, "chat_template.jinja");
  if (existsSync(jinja)) return readText(jinja).trim() || null;
  const path = join(folder, "tokenizer_config.json");
  if (!existsSync(path)) return null;
  const { chat_template: template } = JSON.parse(readText(path)) as { readonly chat_template?: unknown };
  const named = Array.isArray(template) ? (template as { name?: unknown; template?: unknown }[]) : [];
  const text = typeof template === "string" ? template : named.find(({ name }) => name === "default")?.template;
  return typeof text === "string" ? text.trim() || null : null;
}
