import { join } from "node:path";
import { Template } from "@huggingface/jinja";
import { StrataError } from "../../errors/strata-error.js";
import { findChatTemplate } from "./find-chat-template.js";
import { readObject } from "../special-tokens.js";

export interface ChatMessage {
  /** Usually `system`, `user`, `assistant` or `tool`. */
  readonly role: string;
  readonly content?: unknown;
  /** What else the template knows, such as `tool_calls`. */
  readonly [field: string]: unknown;
}

export interface RenderOptions {
  /** Whether the text ends where an answer of the assistant would begin. */
  readonly addGenerationPrompt?: boolean;
  readonly tools?: readonly object[];
  /** What else the template asks for, such as `date_string`. */
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** Writes a conversation as one text. @throws StrataError if the template refuses it */
export type RenderChat = (messages: readonly ChatMessage[], options?: RenderOptions) => string;

/**
 * The chat template of a model: chat_template.jinja, chat_template.json or `chat_template` of tokenizer_config.json, with
 * the special tokens that tokenizer_config.json names. It is given no clock: the same conversation is the same text every day.
 *
 * @param name  of several templates, such as `tool_use`
 * @throws StrataError if the folder has no such template, or it is not one
 */
export function openChatTemplate(folder: string, name = "default"): RenderChat {
  const config = readObject(join(folder, "tokenizer_config.json"));
  const source = templateNamed(folder, name);
  const specials = specialTokens({ ...readObject(join(folder, "special_tokens_map.json")), ...config });
  const attempt = <T>(doing: () => T): T => {
    try {
      return doing();
    } catch (error) {
      throw refused(`${folder}, chat template ${name}`, (error as Error).message, error);
    }
  };
  const template = attempt(() => withoutClock(source));
  return (messages, { addGenerationPrompt = false, tools, variables } = {}) =>
    attempt(() =>
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

/** The library offers templates the time of day; a variable that nobody sets takes its place. */
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
    hint: "Use the folder of a model that was tuned to chat, or put a chat_template.jinja into it.",
  });
}

/** `bos_token` and the like as text. */
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
  const hint =
    "The template says itself which conversations it takes: look at the order and the roles of the messages.";
  return new StrataError(
    "TokenizerError",
    { where, expected: "a conversation that the template takes", got, hint },
    { cause },
  );
}
