import { join } from "node:path";
import { Template } from "@huggingface/jinja";
import { StrataError } from "../../errors/strata-error.js";
import { findChatTemplate } from "./find-chat-template.js";
import { readObject } from "../special-tokens.js";

export interface ChatMessage {
  /** Usually `system`, `user`, `assistant` or `tool`. */
  readonly role: string;
  readonly content?: unknown;
  /** Any other field that the template reads, such as `tool_calls`. */
  readonly [field: string]: unknown;
}

export interface RenderOptions {
  /** Whether to end with the generation prompt, where the assistant's message would start. */
  readonly addGenerationPrompt?: boolean;
  readonly tools?: readonly object[];
  /** Other variables of the template, such as `date_string`. */
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** Renders a conversation as one text. @throws StrataError if the template raises an error */
export type RenderChat = (messages: readonly ChatMessage[], options?: RenderOptions) => string;

/**
 * Opens a model's chat template: chat_template.jinja, chat_template.json or `chat_template` of tokenizer_config.json.
 * It gets the special tokens of tokenizer_config.json, but no clock: the rendered text does not depend on the date.
 *
 * @param name  selects one of several templates, such as `tool_use`
 * @throws StrataError if the folder has no such template, or the template does not parse
 */
export function openChatTemplate(folder: string, name = "default"): RenderChat {
  const config = readObject(join(folder, "tokenizer_config.json"));
  const source = templateNamed(folder, name);
  const specials = specialTokens({ ...readObject(join(folder, "special_tokens_map.json")), ...config });
  const rethrow = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw refused(`${folder}, chat template ${name}`, (error as Error).message, error);
    }
  };
  const template = rethrow(() => withoutClock(source));
  return (messages, { addGenerationPrompt = false, tools, variables } = {}) =>
    rethrow(() =>
      template.render({
        ...specials,
        tools: tools ?? null,
        documents: null,
        ...variables,
        messages,
        add_generation_prompt: addGenerationPrompt,
      }),
    );
}

/** Replaces `strftime_now`, which the library defines, by an undefined variable. */
function withoutClock(source: string): Template {
  const template = new Template(source);
  template.parsed.body.unshift(...new Template("{% set strftime_now = no_clock %}").parsed.body);
  return template;
}

function templateNamed(folder: string, name: string): string {
  const { source, names } = findChatTemplate(folder, name);
  if (source !== null) return source;
  throw new StrataError("TokenizerError", {
    where: folder,
    expected: `a chat template named ${name}`,
    got: names.length === 0 ? "none" : names.join(", "),
    hint: "Use the folder of a chat model, or add a chat_template.jinja to the folder.",
  });
}

/** The text of each special token, such as `bos_token`. */
function specialTokens(config: Readonly<Record<string, unknown>>): Record<string, string> {
  const tokens: Record<string, string> = {};
  for (const [key, value] of Object.entries(config)) {
    if (!key.endsWith("_token")) continue;
    const text = typeof value === "object" && value !== null ? (value as { content?: unknown }).content : value;
    if (typeof text === "string") tokens[key] = text;
  }
  return tokens;
}

function refused(where: string, got: string, cause: unknown): StrataError {
  const hint = "This error is raised by the template: check the order and the roles of the messages.";
  return new StrataError(
    "TokenizerError",
    { where, expected: "a conversation that the template accepts", got, hint },
    { cause },
  );
}
