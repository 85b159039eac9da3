import type { MergeConfig, SliceConfig } from "../config/merge-config.js";
import type { ModelReference } from "../config/model-reference.js";
import { formatModelReference } from "../config/model-reference.js";
import { plural } from "../../text/plural.js";
import type { InputModel } from "../inputs/open-model.js";
import { mergeError } from "../merge-error.js";

/** The base of a slice; null without one. */
export function baseReference(config: MergeConfig, slice: SliceConfig): ModelReference | null {
  return slice.baseModel ?? config.baseModel;
}

/** Checks that every slice has as many models, and the base, that the method takes. @throws StrataError */
export function checkMethodInputs(config: MergeConfig): void {
  for (const { slices, isWholeModels } of config.modules) {
    for (const slice of slices) checkSlice(config, slice, isWholeModels);
  }
}

function checkSlice(config: MergeConfig, slice: SliceConfig, isWholeModels: boolean): void {
  const { method, file } = config;
  const { base: rule, minimum, maximum } = method.inputs;
  const reference = baseReference(config, slice);
  const base = reference === null ? null : formatModelReference(reference);
  const labels = new Set(slice.sources.map(({ model }) => formatModelReference(model)));
  const where = `${file} base_model`;
  if (base === null && (rule === "required" || (rule === "member" && labels.size > 1))) {
    const hint =
      rule === "required"
        ? "Name the model that the others were trained from."
        : "Name one of the two models: values go from it to the other.";
    throw mergeError(where, `base_model, which ${method.name} needs`, "nothing", hint);
  }
  if (base !== null && isWholeModels) labels.add(base);
  if (base !== null && !labels.has(base) && rule !== "none") {
    throw mergeError(
      slice.where,
      `base_model ${base} as one of the sources of the slice`,
      [...labels].join(", "),
      "Add it with its layer_range.",
    );
  }
  const isCopy = labels.size === 1 && (rule === "member" || rule === "optional");
  const count = labels.size - (base !== null && (rule === "required" || rule === "optional") ? 1 : 0);
  if (isCopy || (count >= minimum && count <= maximum)) return;
  const wanted =
    minimum === maximum
      ? `exactly ${plural(minimum, "model")}`
      : maximum === Infinity
        ? `at least ${plural(minimum, "model")}`
        : `${minimum} to ${maximum} models`;
  const beside = rule === "required" || rule === "optional" ? " beside base_model" : "";
  const hint =
    rule === "optional" && base !== null && slice.sources.some(({ model }) => formatModelReference(model) === base)
      ? "base_model has to be another model than those that are merged."
      : "A model that is listed twice counts once. See the list of methods for what each takes.";
  throw mergeError(slice.where, `${wanted}${beside} for ${method.name}`, `${count}`, hint);
}

/** @throws StrataError if the configurations of two models name different architectures */
export function checkArchitectures(models: readonly InputModel[]): void {
  const [first, ...others] = models.flatMap((model) => {
    const name = architectureOf(model);
    return name === null ? [] : [{ model, name }];
  });
  const other = others.find(({ name }) => name !== first.name);
  if (other === undefined) return;
  const hint = "Models of different architectures rarely fit together. To merge them all the same, add --allow-crimes.";
  throw mergeError(
    `${other.model.folder}/config.json architectures`,
    `${first.name} as in ${first.model.label}`,
    other.name,
    hint,
  );
}

/** The architecture that a configuration names; null without one. */
export function architectureOf({ config }: InputModel): string | null {
  const names = config?.["architectures"];
  return Array.isArray(names) && typeof names[0] === "string" ? names[0] : null;
}
