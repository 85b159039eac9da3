import { groupTensors, type GroupPlace } from "../tensor-groups.js";
import { solveLeastNorm } from "./least-squares.js";
import { sumProducts, type ChangeProducts } from "./products.js";
import { linearCosine, type TensorAttribution } from "./tensor-attribution.js";

export interface ModelShare {
  readonly model: string;
  /** ‖change‖ relative to the base, or to the mean of the models. */
  readonly change: number;
  /**
   * With a base, ⟨result's change, change⟩ / ⟨change, change⟩: 1 if the whole change arrived, 0 if nothing of it did.
   * Without one, the model's weight in the weighted mean of the models that is nearest to the result. Null if the model
   * changes nothing, or is not one of the models of these tensors.
   */
  readonly share: number | null;
}

export interface ChangeCosine {
  readonly models: readonly [string, string];
  /** Null if one changes nothing. */
  readonly cosine: number | null;
}

/** What arrived in some tensors as one vector. */
export interface AttributedPart {
  readonly tensors: number;
  /** ‖change of the result‖ */
  readonly change: number;
  readonly models: readonly ModelShare[];
  /** Of the changes of each two models. */
  readonly cosines: readonly ChangeCosine[];
  /** Tensors for which SLERP acted as linear interpolation; null for other methods. */
  readonly linearTensors: number | null;
  /** Tensors that are left out because an element is NaN or infinite. */
  readonly notFiniteTensors: number;
}

export interface AttributedGroup extends AttributedPart, GroupPlace {}

export interface AttributedTensor extends Omit<AttributedPart, "tensors" | "notFiniteTensors"> {
  readonly name: string;
}

/** Which share of each model's change arrived in a merge. */
export interface Attribution {
  /** To what changes are relative; `none` if no tensor was mixed from several models. */
  readonly reference: "base" | "mean" | "none";
  /** Models whose changes are measured. */
  readonly models: readonly string[];
  readonly layers: readonly AttributedGroup[];
  readonly total: AttributedPart;
  readonly tensors: readonly AttributedTensor[];
}

/** Sums the records of all tensors per layer. */
export function attributionOf(records: readonly TensorAttribution[]): Attribution {
  const mixed = records.filter(({ reference }) => reference !== "none");
  const labels = [...new Set(mixed.flatMap(({ models }) => models))];
  const byName = new Map(mixed.map((record) => [record.tensor, record]));
  const groups = groupTensors([...byName.keys()].sort());
  const own = (names: readonly string[]) => names.flatMap((name) => byName.get(name) ?? []);
  return {
    reference: mixed[0]?.reference ?? "none",
    models: labels,
    layers: groups.map(({ names, ...place }) => ({ ...place, ...partOf(own(names), labels) })),
    total: partOf(mixed, labels),
    tensors: groups.flatMap(({ names }) => own(names)).map((record) => tensorOf(record, labels)),
  };
}

function tensorOf(record: TensorAttribution, labels: readonly string[]): AttributedTensor {
  const { change, models, cosines, linearTensors } = partOf([record], labels);
  return { name: record.tensor, change, models, cosines, linearTensors };
}

function partOf(records: readonly TensorAttribution[], labels: readonly string[]): AttributedPart {
  const products = sumProducts(records, labels);
  const isMean = records.some(({ reference }) => reference === "mean");
  const shares = isMean ? weights(products) : arrived(products);
  const squares = labels.map((_, i) => products.models[i * labels.length + i]);
  const cosines = records.flatMap(({ cosine }) => (cosine === null ? [] : [cosine]));
  return {
    tensors: records.length,
    change: Math.sqrt(Math.max(0, products.square)),
    models: labels.map((model, i) => ({ model, change: Math.sqrt(Math.max(0, squares[i])), share: shares[i] })),
    cosines: labels.flatMap((a, i) =>
      labels.slice(i + 1).map((b, k) => ({ models: [a, b] as const, cosine: cosineOf(products, i, i + 1 + k) })),
    ),
    linearTensors: cosines.length === 0 ? null : cosines.filter((cosine) => Math.abs(cosine) > linearCosine).length,
    notFiniteTensors: records.filter((record) => record.products.length === 0).length,
  };
}

function arrived({ models, result }: ChangeProducts): (number | null)[] {
  return result.map((product, i) => {
    const square = models[i * result.length + i];
    return square > 0 ? product / square : null;
  });
}

/** Weights with the sum 1 of the models' mean that is nearest to the result; equal models have equal weights. */
function weights({ models, result, isPresent }: ChangeProducts): (number | null)[] {
  const n = result.length;
  const present = result.flatMap((_, i) => (isPresent[i] ? [i] : []));
  const isChanged = present.some((i) => models[i * n + i] > 0);
  if (!isChanged) return result.map(() => null);
  const matrix = present.flatMap((i) => present.map((j) => models[i * n + j]));
  const found = solveLeastNorm(
    matrix,
    present.map((i) => result[i]),
  );
  return result.map((_, i) => (isPresent[i] ? 1 / present.length + found[present.indexOf(i)] : null));
}

function cosineOf({ models, result }: ChangeProducts, i: number, j: number): number | null {
  const n = result.length;
  const norms = Math.sqrt(models[i * n + i]) * Math.sqrt(models[j * n + j]);
  return norms > 0 ? Math.min(1, Math.max(-1, models[i * n + j] / norms)) : null;
}
