import { fromJson } from "../../text/jinja/from-json.js";
import { Dict, type Value } from "../../text/jinja/values/value.js";

/** The fields under which a message has the thoughts of a model. The first is the one that templates read. */
const reasoningFields = ["reasoning_content", "thinking", "reasoning"];

/** Messages as transformers passes them: without fields that are null, and with thoughts under both names. */
export function messageValues(messages: readonly object[]): Value[] {
  return messages.map((message) => {
    const dict = new Dict();
    const reasoning = reasoningOf(message);
    if (reasoning !== undefined) dict.set("thinking", fromJson(reasoning));
    for (const [key, value] of entriesOf(message))
      if (value !== null && value !== undefined) dict.set(key, fromJson(value));
    if (reasoning !== undefined) dict.set("reasoning_content", fromJson(reasoning));
    return dict;
  });
}

function entriesOf(message: object): Iterable<readonly [string, unknown]> {
  return message instanceof Map ? (message as Map<string, unknown>) : Object.entries(message);
}

function reasoningOf(message: object): unknown {
  const fields: Readonly<Record<string, unknown>> =
    message instanceof Map ? Object.fromEntries(message as Map<string, unknown>) : (message as Record<string, unknown>);
  return reasoningFields.map((key) => fields[key]).find((value) => value !== null && value !== undefined);
}
