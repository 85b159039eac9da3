import type { FilterFunction } from "./filters/filter.js";

/** How an environment of Jinja is set up. */
export interface TemplateSettings {
  /** `trim_blocks` and `lstrip_blocks`: a line with only a block tag or comment leaves nothing. */
  readonly trimsBlocks: boolean;
  /** Otherwise a line break at the end of the template is removed. */
  readonly keepsTrailingNewline: boolean;
  /** `StrictUndefined`: printing or testing what is missing is an error. */
  readonly isStrict: boolean;
  /** Filters beside those of Jinja. */
  readonly filters: Readonly<Record<string, FilterFunction>>;
}

/** The settings of transformers for chat templates. */
export const chatSettings: TemplateSettings = {
  trimsBlocks: true,
  keepsTrailingNewline: false,
  isStrict: false,
  filters: {},
};
