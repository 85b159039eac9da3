import type { MergeConfig, TokenConfig } from "../config/merge-config.js";
import { formatModelReference } from "../config/model-reference.js";
import type { InputModel } from "../inputs/open-model.js";
import { mergeError } from "../merge-error.js";

/** Where a row of an embedding of the output's vocabulary comes from. */
export type RowSource =
  | { readonly kind: "zero" }
  /** The mean of rows; of one, that row. */
  | { readonly kind: "rows"; readonly rows: readonly { readonly model: InputModel; readonly row: number }[] };

/** For each id of the output: the row that models get which lack the token. */
export interface TokenRows {
  readonly fallbacks: readonly (RowSource & { readonly force: boolean })[];
}

/** Row of each model by id of the output; −1 where the model lacks the token. */
export type OwnRows = ReadonlyMap<InputModel, Int32Array>;

export interface TokenRules {
  readonly config: MergeConfig;
  readonly ids: ReadonlyMap<string, number>;
  readonly size: number;
  readonly own: OwnRows;
  /** Ids of tokens in a model's own vocabulary. */
  readonly idsOf: (model: InputModel) => ReadonlyMap<string, number>;
  readonly modelOf: (label: string) => InputModel | undefined;
}

/** Chooses, for each token, the row of models that lack it. @param base  the base, if there is one */
export function chooseRows(rules: TokenRules, models: readonly InputModel[], base: InputModel | null): TokenRows {
  const zero = { kind: "zero", force: false } as const;
  const fallbacks: (RowSource & { readonly force: boolean })[] = Array.from({ length: rules.size }, () => zero);
  const rowOf = (model: InputModel, id: number) => rules.own.get(model)?.[id] ?? -1;
  for (const [token, id] of rules.ids) {
    const given = rules.config.tokenizer?.tokens.get(token);
    if (given?.source) {
      fallbacks[id] = { ...givenRow(token, id, given, rules), force: given.force };
      continue;
    }
    const owners = models.filter((model) => rowOf(model, id) >= 0);
    const chosen = owners.length > 1 && base !== null && rowOf(base, id) >= 0 ? [base] : owners;
    if (chosen.length === 0) continue;
    fallbacks[id] = {
      kind: "rows",
      rows: chosen.map((model) => ({ model, row: rowOf(model, id) })),
      force: given?.force ?? false,
    };
  }
  return { fallbacks };
}

function givenRow(token: string, id: number, { source }: TokenConfig, rules: TokenRules): RowSource {
  if (source === null || source.kind === "zero") return { kind: "zero" };
  const label = formatModelReference(source.model);
  const where = `${rules.config.file} tokenizer.tokens.${token}`;
  const model = rules.modelOf(label);
  if (model === undefined)
    throw mergeError(where, "a model of the merge", label, "Name one of the models whose tensors are merged.");
  if (source.kind === "model") {
    const row = rules.own.get(model)?.[id] ?? -1;
    if (row >= 0) return { kind: "rows", rows: [{ model, row }] };
    throw mergeError(
      where,
      `a token of ${label}`,
      `a model without ${JSON.stringify(token)}`,
      "Name a model that has it, or kind: zero.",
    );
  }
  const row = typeof source.token === "number" ? source.token : (rules.idsOf(model).get(source.token) ?? -1);
  if (row >= 0) return { kind: "rows", rows: [{ model, row }] };
  throw mergeError(where, `a token of ${label}`, JSON.stringify(source.token), "Name a token that this model has.");
}
