import type { Dict, Value } from "../../../text/jinja/values/value.js";
import { toText } from "../../../text/jinja/values/text.js";
import type { RenderChat } from "../../../tokenizer/chat/chat-template.js";
import type { TaskConfig } from "../config/task-config.js";
import type { DocumentFields } from "./document-fields.js";
import type { ExampleSampler } from "./examples.js";
import { asSingleTurn, asText, asTurns, endsWithSpace, joinWith, needsDelimiter, type Message } from "./messages.js";
import { renderTemplate } from "./templates.js";

/** How prompts are written as conversations. */
export interface ChatSettings {
  readonly render: RenderChat;
  /** Each example is two turns, not text in one turn of the user. */
  readonly multiturn: boolean;
}

export interface PromptSettings {
  readonly systemInstruction: string | null;
  readonly chat: ChatSettings | null;
}

/** What prompts of a task are made with. */
export interface PromptParts extends PromptSettings {
  readonly config: TaskConfig;
  readonly columns: ReadonlySet<string>;
  readonly fields: DocumentFields;
  readonly exampleFields: DocumentFields;
  readonly examples: ExampleSampler;
  /** Whether each choice is another question, as with texts that have a gap. */
  readonly choicesAreQuestions: boolean;
}

/** The prompts of a document: one, or one a choice. `where` names the document in errors. */
export function contextsOf(parts: PromptParts, doc: Dict, where: string): string[] {
  const { config, fields, columns, choicesAreQuestions } = parts;
  const before = [...systemMessages(parts, doc, where), ...exampleMessages(parts, doc, where)];
  const prefix = fieldText(config.generationPrefix, columns, doc, `${where} gen_prefix`);
  const close = (question: string, delimiter: string) =>
    promptOf([...before, ...openTurn(question, prefix, delimiter)], prefix, parts);
  if (choicesAreQuestions) return (fields.choices(doc, where) ?? []).map((choice) => close(choice, ""));
  return [close(toText(fields.text(doc, where)), config.targetDelimiter)];
}

function systemMessages({ config, columns, systemInstruction }: PromptParts, doc: Dict, where: string): Message[] {
  const description = fieldText(config.description, columns, doc, `${where} description`);
  const content = joinWith(systemInstruction ?? "", description, config.fewshot.delimiter);
  return content === "" ? [] : [{ role: "system", content, delimiter: "" }];
}

function exampleMessages(parts: PromptParts, doc: Dict, where: string): Message[] {
  const { config, exampleFields, examples, choicesAreQuestions } = parts;
  const { fewshot } = config;
  return examples(doc).flatMap((example, i) => {
    const place = `example ${i} of ${where}`;
    const text = exampleFields.text(example, place);
    const choices = exampleFields.choices(example, place);
    const question = choicesAreQuestions && choices !== null ? choices[text as number] : toText(text);
    const target = exampleFields.target(example, place);
    const prefix =
      fewshot.generationPrefix === null
        ? ""
        : columnOrTemplate(fewshot.generationPrefix, example, `${place} gen_prefix`);
    const answer = joinWith(prefix, answerText(target, choicesAreQuestions ? null : choices), " ");
    const delimiter = prefix === "" || needsDelimiter(question, prefix) ? fewshot.targetDelimiter : "";
    return [
      { role: "user", content: question, delimiter },
      { role: "assistant", content: answer, delimiter: fewshot.delimiter },
    ] satisfies Message[];
  });
}

/** The text of an answer: a choice by its index, or the first of several. */
function answerText(target: Value, choices: readonly string[] | null): string {
  if (typeof target === "number" && choices !== null) return choices[target];
  return toText(Array.isArray(target) ? target[0] : target);
}

function openTurn(question: string, prefix: string, targetDelimiter: string): Message[] {
  const delimiter = prefix !== "" && needsDelimiter(question, prefix) ? targetDelimiter : "";
  const user: Message = { role: "user", content: question, delimiter };
  return prefix === "" ? [user] : [user, { role: "assistant", content: prefix, delimiter: "" }];
}

function promptOf(messages: readonly Message[], prefix: string, { chat }: PromptParts): string {
  if (chat === null) return asText(messages);
  const turns = chat.multiturn ? asTurns(messages) : asSingleTurn(messages);
  return chat.render(turns, { addGenerationPrompt: prefix === "" });
}

/** The text between a prompt and a choice. */
export function choiceDelimiter({ config, chat }: PromptParts): string {
  if (chat === null) return config.targetDelimiter;
  const { generationPrefix } = config;
  return generationPrefix !== null && !endsWithSpace(generationPrefix) ? config.targetDelimiter : "";
}

function fieldText(source: string | null, columns: ReadonlySet<string>, doc: Dict, where: string): string {
  if (source === null || source === "") return "";
  return columns.has(source) ? toText(doc.get(source) ?? null) : renderTemplate(source, doc, where);
}

function columnOrTemplate(source: string, doc: Dict, where: string): string {
  return doc.has(source) ? toText(doc.get(source) as Value) : renderTemplate(source, doc, where);
}
