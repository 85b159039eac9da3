import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { MergeConfig } from "../config/merge-config.js";
import type { InputModel } from "../inputs/open-model.js";
import { mergeError } from "../merge-error.js";

const chatml =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + " +
  "'\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

/**
 * The chat template that a configuration asks for: `auto` (the most frequent one of the models), `chatml`, or Jinja.
 *
 * @returns null if it asks for none, or with `auto` if no model has one
 */
export function resolveChatTemplate({ chatTemplate, file }: MergeConfig, models: readonly InputModel[]): string | null {
  if (chatTemplate === null) return null;
  if (chatTemplate === "auto") return mostFrequent(models.map(templateOf).filter((template) => template !== null));
  if (chatTemplate === "chatml") return chatml;
  if (chatTemplate.length >= 20 && chatTemplate.includes("{")) return chatTemplate;
  const hint =
    "Use auto for the template of the models, chatml, or paste a template. Other templates that mergekit bundles " +
    "have to be pasted.";
  throw mergeError(`${file} chat_template`, "auto, chatml, or a Jinja template", JSON.stringify(chatTemplate), hint);
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
  if (existsSync(jinja)) return readFileSync(jinja, "utf8").trim() || null;
  const path = join(folder, "tokenizer_config.json");
  if (!existsSync(path)) return null;
  const { chat_template: template } = JSON.parse(readFileSync(path, "utf8")) as { readonly chat_template?: unknown };
  const named = Array.isArray(template) ? (template as { name?: unknown; template?: unknown }[]) : [];
  const text = typeof template === "string" ? template : named.find(({ name }) => name === "default")?.template;
  return typeof text === "string" ? text.trim() || null : null;
}
