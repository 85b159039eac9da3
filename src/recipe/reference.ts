import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../files/atomic-file.js";
import { datasetPresets } from "./dataset-presets.js";
import { formsOf, recipeJsonSchema, type SchemaNode } from "./json-schema.js";

const introduction = `# Recipe reference

A recipe is a YAML file that says everything about an experiment: data, tokenizer, model, training, strategies, evaluation.
[recipes/demo.yaml](../recipes/demo.yaml) is a whole one with comments. A key that is not in these tables is an error, and
all errors of a file are told at once, each with its place and what to try:

\`\`\`
RecipeError: recipes/small.yaml:14:12 strategies[2].windows — expected 4 windows, one per shard, got 3.
  Give 4 windows or set \`shards: 3\`.
\`\`\`

- **Command line.** \`--set a.b=c\` changes any value; what follows \`=\` is YAML. Numbers are places in a list
  (\`--set strategies.0=slerp-4\`), the first one after the end appends. To replace one form of a mapping by another, give the
  whole: \`--set 'model={folder: my-model}'\`.
- **Paths** are relative to the recipe's folder; those in \`--set\` to the folder you are in.
- **The Hugging Face hub** gives data sets (\`hf:\`, \`preset:\`), models and tokenizers (\`hf:ID@REVISION\` in place of a folder). Their
  files are downloaded into its usual cache before anything is planned, as jobs depend on their content: \`plan\` and \`run\` say first
  what and how much that is. \`runs/NAME/recipe.yaml\` names the commits and files that were taken: a run from there is the same, and
  needs no network.
- **Editors** check and complete recipes that begin with \`# yaml-language-server: $schema=./recipe.schema.json\`.
- **Windows** are \`full\` (everything trains) or half-open ranges of layers: \`0-4\` trains layers 0, 1, 2 and 3; with \`+outer\`
  embedding, final norm and head train too. There is one window per shard, or a single one for a part that trains on all data.

These tables are made from the schema in \`src/recipe/schema.ts\`; after a change of it,
\`npm run build && node -e 'import("./dist/recipe/reference.js").then((made) => made.writeReference("."))'\` writes them and
\`recipes/recipe.schema.json\` anew.
`;

/** docs/recipe.md: a table for each mapping of the recipe, once where several forms share it. */
export function recipeReference(): string {
  return `${introduction}\n${[...new Set(sections("", recipeJsonSchema()))].join("\n")}\n${presetsSection()}`;
}

/** What each preset of a data set stands for; every key of it can be given another value beside `preset:`. */
function presetsSection(): string {
  const rows = Object.entries(datasetPresets).map(([preset, { hf, config, split, text, note }]) => {
    const written =
      "field" in text ? `the field \`${text.field}\`` : `\`${JSON.stringify(text.template + (text.answer ?? ""))}\``;
    return `| \`${preset}\` | \`${hf}\` | ${config === null ? "" : `\`${config}\``} | \`${split}\` | ${written} | ${note} |`;
  });
  return `## Presets of data sets

Ids and columns are those of the hub. Texts with \`{question}\` are the prompts of lm-evaluation-harness; what stands behind
\`Answer:\` is the \`answer\`, so that \`lossOn: answers\` works. Config, split, text and all else can be given beside \`preset:\`.

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
    mkdirSync(join(repository, folder), { recursive: true });
    writeFileAtomic(join(repository, folder, file), text);
  }
}

/** Mappings that have another's table. */
const repeated = ["model.pretrain.shape", "model.pretrain.training"];

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
  return `| \`${name}\` | ${typeText(node)} | ${standard} | ${node.description ?? ""} |`;
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
