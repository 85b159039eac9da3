import { mergeError, shownValue } from "../merge-error.js";
import {
  booleanOf,
  checkIsMapping,
  checkMapping,
  member,
  textOf,
  whereOf,
  wholeNumberOf,
  type Field,
} from "./fields.js";
import type { TokenConfig, TokenizerSetting, TokenSource } from "./merge-config.js";
import { readReference } from "./read-reference.js";

/** Reads `tokenizer_source` or `tokenizer`; null without either. */
export function readTokenizerSetting(root: Field): TokenizerSetting | null {
  const source = member(root, "tokenizer_source");
  const tokenizer = member(root, "tokenizer");
  if (source !== null && tokenizer !== null) {
    const hint = "Move the source into `tokenizer` as `source`, and remove tokenizer_source.";
    throw mergeError(whereOf(source), "tokenizer_source or tokenizer", "both", hint);
  }
  if (source !== null) {
    return { source: readSource(source), tokens: new Map(), padToMultipleOf: null, where: whereOf(source) };
  }
  if (tokenizer === null) return null;
  checkMapping(tokenizer, ["source", "tokens", "pad_to_multiple_of"], "a tokenizer");
  const of = member(tokenizer, "source");
  const pad = member(tokenizer, "pad_to_multiple_of");
  return {
    source: of === null ? "union" : readSource(of),
    tokens: readTokens(member(tokenizer, "tokens")),
    padToMultipleOf: pad === null ? null : wholeNumberOf(pad, "pad_to_multiple_of", 1),
    where: whereOf(tokenizer),
  };
}

function readSource(field: Field): TokenizerSetting["source"] {
  const { value } = field;
  return value === "union" || value === "base" ? value : readReference(field);
}

function readTokens(field: Field | null): ReadonlyMap<string, TokenConfig> {
  if (field === null) return new Map();
  checkIsMapping(field, "tokens");
  const names = Object.keys(field.value as object);
  return new Map(
    names.map((name) => {
      const item = { ...field, value: (field.value as Record<string, unknown>)[name], path: [...field.path, name] };
      checkMapping(item, ["source", "force"], `the token ${JSON.stringify(name)}`);
      const source = member(item, "source");
      const force = member(item, "force");
      const config = {
        source: source === null ? null : readTokenSource(source),
        force: force === null ? false : booleanOf(force, "force"),
      };
      return [name, config] as const;
    }),
  );
}

function readTokenSource(field: Field): TokenSource {
  const { value } = field;
  const kind = typeof value === "object" && value !== null ? (value as { kind?: unknown }).kind : undefined;
  if (kind === undefined) return { kind: "model", model: readReference(field) };
  if (kind === "zero") {
    checkMapping(field, ["kind"], "a source of kind zero");
    return { kind };
  }
  if (kind !== "model_token") {
    throw mergeError(
      whereOf(field),
      "kind: zero or model_token",
      shownValue(kind),
      "Choose one of the two, or name a model.",
    );
  }
  checkMapping(field, ["kind", "model", "token", "token_id"], "a source of kind model_token");
  const model = member(field, "model");
  const token = member(field, "token");
  const id = member(field, "token_id");
  if (model === null || (token === null) === (id === null)) {
    throw mergeError(
      whereOf(field),
      "model, and either token or token_id",
      shownValue(value),
      "Name the model and one token of it.",
    );
  }
  const of = token === null ? wholeNumberOf(id as Field, "token_id", 0) : textOf(token, "a token");
  return { kind: "token", model: readReference(model), token: of };
}
