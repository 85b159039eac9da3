import { stringify } from "yaml";
import type { RoundAttribution } from "../merge/attribution/round-attribution.js";
import type { TaskScores } from "../evaluate/output/scores.js";
import { metricOf, shownColumns } from "./columns.js";
import { escapeMarkdown } from "./markdown.js";
import { formatCount, formatMetric } from "./numbers.js";
import { arrivedHeadings, arrivedNote, arrivedRows, arrivedTitle } from "./tables/arrived-table.js";

export interface ModelCardFacts {
  readonly recipe: string;
  readonly strategy: string;
  /** In words, such as "0-4 · 4-8 · 8-12 · 12-16, slerp". */
  readonly description: string;
  /** The model that training started from: its name on the hub, or of its folder; null for random weights. */
  readonly baseModel: string | null;
  /** Front matter copied from the base's card, such as license and languages. */
  readonly carried: Readonly<Record<string, unknown>>;
  readonly family: string;
  readonly parameters: number;
  readonly dtypes: readonly string[];
  readonly parts: readonly {
    readonly round: number;
    readonly worker: number;
    readonly window: string;
    readonly steps: number;
    readonly tokens: number;
  }[];
  /** Null without a merge. */
  readonly merge: {
    readonly method: string;
    readonly settings: Readonly<Record<string, unknown>>;
    /** Of the last merge. */
    readonly arrived: RoundAttribution;
  } | null;
  /** Of this model; empty if it was not evaluated. */
  readonly scores: readonly TaskScores[];
  /** Of the model that it started from. */
  readonly baseScores: readonly TaskScores[];
  readonly strataVersion: string;
  readonly commit: string | null;
  /** YAML with every value written out. */
  readonly recipeText: string;
}

/** README.md of an exported model. @see https://huggingface.co/docs/hub/model-cards */
export function modelCard(facts: ModelCardFacts): string {
  const { merge, commit } = facts;
  const front = {
    ...(facts.baseModel === null ? {} : { base_model: facts.baseModel }),
    library_name: "transformers",
    pipeline_tag: "text-generation",
    ...facts.carried,
    tags: ["strata", facts.family, ...(merge ? ["merge"] : [])],
  };
  const program = `Strata ${facts.strataVersion}${commit === null ? "" : ` (commit ${commit.slice(0, 12)})`}`;
  const start = facts.baseModel === null ? "random weights" : `\`${facts.baseModel}\``;
  const sections = [
    `# ${escapeMarkdown(facts.recipe)}: ${escapeMarkdown(facts.strategy)}`,
    `Created from ${start} with ${program}: recipe \`${facts.recipe}\`, strategy \`${facts.strategy}\` ` +
      `(${escapeMarkdown(facts.description)}). ` +
      `${formatCount(facts.parameters)} parameters in ${facts.dtypes.join(" and ")}.`,
    ...(facts.parts.length > 0 ? ["## Parts", partsTable(facts)] : []),
    ...(merge
      ? [
          "## Merge",
          `\`${merge.method}\` with ${escapeMarkdown(settingsText(merge.settings))}.`,
          `${arrivedTitle}. ${arrivedNote}`,
          table(arrivedHeadings, arrivedRows(merge.arrived)),
        ]
      : []),
    ...(facts.scores.length > 0 ? ["## Scores", scoresTable(facts)] : []),
    "## Recipe",
    `\`\`\`yaml\n${facts.recipeText.trimEnd()}\n\`\`\``,
  ];
  return `---\n${stringify(front)}---\n\n${sections.join("\n\n")}\n`;
}

function settingsText(settings: Readonly<Record<string, unknown>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
    .join(", ");
}

function partsTable({ parts }: ModelCardFacts): string {
  return table(
    ["round", "worker", "layers", "steps", "tokens"],
    parts.map(({ round, worker, window, steps, tokens }) => [
      String(round + 1),
      String(worker + 1),
      window,
      formatCount(steps),
      formatCount(tokens),
    ]),
  );
}

function scoresTable({ scores, baseScores }: ModelCardFacts): string {
  return table(
    ["task", "this model", "base"],
    shownColumns({ strategies: [{ scores }] }).map((column) => [
      escapeMarkdown(column.label),
      formatMetric(metricOf(scores, column)),
      formatMetric(metricOf(baseScores, column)),
    ]),
  );
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n");
}
