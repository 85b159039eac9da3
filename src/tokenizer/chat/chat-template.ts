import { StrataError } from "../../errors/strata-error.js";
import { compileTemplate, type Rendered, type Template } from "../../text/jinja/template.js";
import { fromJson } from "../../text/jinja/from-json.js";
import type { Value } from "../../text/jinja/values/value.js";
import { findChatTemplates } from "./find-chat-template.js";
import { messageValues } from "./message-values.js";
import { templateTokens } from "./template-tokens.js";
import { templateFailure } from "./template-failure.js";

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
  readonly documents?: readonly object[];
  /** Other variables of the template, such as `date_string`. */
  readonly variables?: Readonly<Record<string, unknown>>;
}

export interface RenderedChat {
  readonly text: string;
  /** Where the template's `{% generation %}` blocks are in the text, as [start, end); null if it has none. */
  readonly generated: Rendered["generated"] | null;
}

/** Renders a conversation as one text. @throws StrataError if the template raises an error */
export interface RenderChat {
  (messages: readonly ChatMessage[], options?: RenderOptions): string;
  /** Also says where the assistant's texts are, if the template marks them. Absent: it marks none. */
  readonly withMarks?: (messages: readonly ChatMessage[], options?: RenderOptions) => RenderedChat;
}

/**
 * Opens a model's chat template: chat_template.jinja and additional_chat_templates, else `chat_template` of
 * tokenizer_config.json, else chat_template.json. It gets the named special tokens, but no clock: the rendered text
 * does not depend on the date.
 *
 * @param name  selects one of several templates; by default `tool_use` for conversations with tools, else `default`
 * @throws StrataError if the folder has no such template, or the template does not parse
 */
export function openChatTemplate(folder: string, name?: string): RenderChat {
  const sources = findChatTemplates(folder);
  const byDefault = openTemplate(folder, sources, name ?? "default");
  const forTools =
    name === undefined && sources.has("tool_use") ? openTemplate(folder, sources, "tool_use") : byDefault;
  const specials = Object.entries(templateTokens(folder));
  const withMarks = (messages: readonly ChatMessage[], options: RenderOptions = {}): RenderedChat => {
    const { template, where } = options.tools === undefined ? byDefault : forTools;
    try {
      const { text, generated } = template.render(variablesOf(messages, options, specials));
      return { text, generated: template.marksGeneration ? generated : null };
    } catch (error) {
      throw templateFailure(folder, where, error);
    }
  };
  return Object.assign(
    (messages: readonly ChatMessage[], options?: RenderOptions) => withMarks(messages, options).text,
    {
      withMarks,
    },
  );
}

interface OpenTemplate {
  readonly template: Template;
  readonly where: string;
}

function openTemplate(folder: string, sources: ReadonlyMap<string, string>, name: string): OpenTemplate {
  const source = sources.get(name);
  if (source === undefined)
    throw new StrataError("TokenizerError", {
      where: folder,
      expected: `a chat template named ${name}`,
      got: sources.size === 0 ? "none" : [...sources.keys()].join(", "),
      hint: "Use the folder of a chat model, or add a chat_template.jinja to the folder.",
    });
  try {
    return { template: compileTemplate(source), where: name };
  } catch (error) {
    throw templateFailure(folder, name, error);
  }
}

/** The variables that transformers passes; those of the caller replace special tokens, but not the others. */
function variablesOf(
  messages: readonly ChatMessage[],
  { addGenerationPrompt = false, tools, documents, variables = {} }: RenderOptions,
  specials: readonly (readonly [string, string])[],
): ReadonlyMap<string, Value> {
  const values = new Map<string, Value>(specials);
  values.set("tools", tools === undefined ? null : fromJson(tools));
  values.set("documents", documents === undefined ? null : fromJson(documents));
  for (const [key, value] of Object.entries(variables)) values.set(key, fromJson(value));
  values.set("messages", messageValues(messages));
  values.set("add_generation_prompt", addGenerationPrompt);
  return values;
}
