import type { MergeMethod } from "../core/method.js";
import type { ModelReference } from "./model-reference.js";
import type { ParameterSettings } from "./parameter-setting.js";

/** Dtypes that a configuration can name. */
export type ConfigDType = "f32" | "bf16" | "f16";

/** A model of a slice, or all layers of a model of `models`. */
export interface SourceConfig {
  readonly model: ModelReference;
  /** Half-open; null: all layers. */
  readonly layers: readonly [number, number] | null;
  readonly parameters: ParameterSettings;
  /** Where the configuration names it, for messages. */
  readonly where: string;
}

export interface SliceConfig {
  readonly sources: readonly SourceConfig[];
  readonly baseModel: ModelReference | null;
  readonly parameters: ParameterSettings;
  readonly where: string;
}

/** A stack of layers with the tensors before and after it. */
export interface ModuleConfig {
  /** Null: the whole model. */
  readonly name: string | null;
  readonly slices: readonly SliceConfig[];
  /** Whether the configuration lists models, to which the base is added, instead of slices. */
  readonly isWholeModels: boolean;
  readonly parameters: ParameterSettings;
}

/** Where the row of a token comes from, in models that lack it. */
export type TokenSource =
  | { readonly kind: "model"; readonly model: ModelReference }
  | { readonly kind: "token"; readonly model: ModelReference; readonly token: string | number }
  | { readonly kind: "zero" };

export interface TokenConfig {
  /** Null: as without an entry. */
  readonly source: TokenSource | null;
  /** Whether models that have the token get this row, too. */
  readonly force: boolean;
}

export interface TokenizerSetting {
  readonly source: "union" | "base" | ModelReference;
  readonly tokens: ReadonlyMap<string, TokenConfig>;
  readonly padToMultipleOf: number | null;
  readonly where: string;
}

/** A configuration of mergekit, checked. */
export interface MergeConfig {
  /** For messages. */
  readonly file: string;
  /** As read, for the copy in the output. */
  readonly text: string;
  readonly method: MergeMethod;
  readonly modules: readonly ModuleConfig[];
  readonly baseModel: ModelReference | null;
  readonly parameters: ParameterSettings;
  /** To which inputs are rounded; null: each as stored. */
  readonly dtype: ConfigDType | null;
  /** Of the written tensors; null: as the method returns them. */
  readonly outDType: ConfigDType | null;
  readonly tokenizer: TokenizerSetting | null;
  readonly chatTemplate: string | null;
  /** Other documents of the file, by their names: merges whose results this one can name as models. */
  readonly earlier: ReadonlyMap<string, MergeConfig>;
  /** What the user should know about the configuration. */
  readonly notes: readonly string[];
}
