import { join } from "node:path";
import { createFolder } from "../files/create-folder.js";
import { writeFileAtomic } from "../files/atomic-file.js";
import { datasetPresets } from "./dataset-presets.js";
import { referenceIntroduction } from "./reference-introduction.js";
import { strategyPresets } from "../plan/presets/presets.js";
import { formsOf, recipeJsonSchema, type SchemaNode } from "./schema/json-schema.js";

/** docs/recipe.md: a table per mapping of the recipe; forms that share a mapping share its table. */
export function recipeReference(): string {
  const tables = new Set(sections("", recipeJsonSchema()));
  return [referenceIntroduction, ...tables, strategiesSection(), presetsSection()].join("\n");
}

function strategiesSection(): string {
  const rows = Object.entries(strategyPresets).map(
    ([name, { workers, description }]) => `| \`${name}\` | ${workers ?? "one per shard"} | ${description} |`,
  );
  return `## Presets of strategies

Every key of a strategy can be set next to \`preset:\`; it then replaces the preset's. \`strata plan\` shows the parts,
their cost and what travels.

| preset | workers | meaning |
|---|---|---|
${rows.join("\n")}
`;
}

/** The definition of each data set preset; every key can be overridden next to `preset:`. */
function presetsSection(): string {
  const rows = Object.entries(datasetPresets).map(([preset, { hf, config, split, text, note }]) => {
    const written =
      "field" in text
        ? `the field \`${text.field}\``
        : `\`${JSON.stringify("prompt" in text ? text.prompt + text.completion : text.template)}\``;
    const cells = [`\`${preset}\``, `\`${hf}\``, config === null ? "" : `\`${config}\``, `\`${split}\``, written, note];
    return `| ${cells.join(" | ")} |`;
  });
  return `## Presets of data sets

Ids and columns are those of the hub. Texts with \`{question}\` are the prompts of lm-evaluation-harness. Text after
\`Answer:\` is the \`completion\`, so \`lossOn: completions\` works. Config, split, text and every other key can be set
next to \`preset:\`.

| preset | data set | config | split | text of a document | remarks |
|---|---|---|---|---|---|
${rows.join("\n")}
`;
}

/** The text of recipes/recipe.schema.json. */
export function recipeSchemaFile(): string {
  return `${JSON.stringify(recipeJsonSchema(), null, 2)}\n`;
}

/** Writes both into a copy of the repository. */
export function writeReference(repository: string): void {
  for (const [folder, file, text] of [
    ["docs", "recipe.md", recipeReference()],
    ["recipes", "recipe.schema.json", recipeSchemaFile()],
  ]) {
    createFolder(join(repository, folder));
    writeFileAtomic(join(repository, folder, file), text);
  }
}

/** Mappings that share another's table. */
const repeated = [
  "model.pretrain.shape",
  "model.pretrain.training",
  "strategies[…].rounds[…].training",
  "strategies[…].rounds[…].merge",
  "search.values.<name>",
];

/** The tables of a node's forms, each followed by those of the mappings in it. */
function sections(path: string, node: SchemaNode): string[] {
  if (repeated.includes(path)) return [];
  const forms = formsOf(node).filter(({ properties }) => properties !== undefined);
  const inner = formsOf(node).flatMap(({ items, additionalProperties }) => [
    ...(items ? sections(`${path}[…]`, items) : []),
    ...(typeof additionalProperties === "object" ? sections(`${path}.<name>`, additionalProperties) : []),
  ]);
  const own = forms.flatMap((form) => {
    const key = Object.keys(form.properties ?? {})[0];
    const kind = form.properties?.[key].const;
    const suffix =
      forms.length === 1 ? "" : kind === undefined ? ` with \`${key}\`` : ` with \`${key}: ${String(kind)}\``;
    const heading = path === "" ? "## The recipe" : `## \`${path}\`${suffix}`;
    const rows = Object.entries(form.properties ?? {}).map(([name, child]) => row(name, child, form));
    return [
      `${heading}\n\n| key | type | default | meaning |\n|---|---|---|---|\n${rows.join("\n")}\n`,
      ...children(path, form),
    ];
  });
  return [...own, ...inner];
}

function children(path: string, form: SchemaNode): string[] {
  return Object.entries(form.properties ?? {}).flatMap(([name, child]) =>
    sections(path === "" ? name : `${path}.${name}`, child),
  );
}

function row(name: string, node: SchemaNode, parent: SchemaNode): string {
  const required = parent.required?.includes(name) ? "required" : "";
  const standard = node.default === undefined ? required : `\`${JSON.stringify(node.default)}\``;
  const cells = [`\`${name}\``, typeText(node), standard, node.description ?? ""];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

const typeNames: Readonly<Record<string, string>> = {
  string: "text",
  integer: "whole number",
  boolean: "true or false",
};

function typeText(node: SchemaNode): string {
  if (node.anyOf ?? node.oneOf) return [...new Set(formsOf(node).map(typeText))].join(" or ");
  if (node.const !== undefined) return `\`${String(node.const)}\``;
  if (node.enum) return node.enum.length > 8 ? "preset" : node.enum.map((value) => `\`${String(value)}\``).join(", ");
  if (node.items) return `list of ${typeText(node.items)}`;
  if (node.type === "object") return "mapping";
  return (typeNames[node.type ?? ""] ?? node.type ?? "") + rangeText(node);
}

function rangeText({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }: SchemaNode): string {
  const low = minimum === undefined ? "" : ` ≥ ${minimum}`;
  const above = exclusiveMinimum === undefined ? "" : ` > ${exclusiveMinimum}`;
  const high = maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? "" : ` ≤ ${maximum}`;
  const below = exclusiveMaximum === undefined ? "" : ` < ${exclusiveMaximum}`;
  return low + above + high + below;
}
