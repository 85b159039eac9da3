import { partLabel, type MeasuredTensor } from "../change-meter.js";
import type { GroupPlace } from "../tensor-groups.js";
import { attributionOf, type AttributedPart } from "./attribution.js";

/** What arrived of the parts of a round, in some tensors as one vector. */
export interface ArrivedChange {
  /** ‖change of the merged tensors‖, before the outer optimizer. */
  readonly change: number;
  /** [part]: ⟨merged change, its change⟩ / ⟨its change, its change⟩; null if it changed nothing. */
  readonly shares: readonly (number | null)[];
  /** Mean over pairs of parts that both changed these tensors; null without a pair. */
  readonly cosine: number | null;
  readonly tensors: number;
  /** Tensors for which SLERP acted as linear interpolation; null for other methods. */
  readonly linearTensors: number | null;
}

/** Which share of each part's change arrived in the merge of a round. */
export interface RoundAttribution {
  /** Of the layers that a part trained. */
  readonly layers: readonly (ArrivedChange & GroupPlace)[];
  readonly total: ArrivedChange;
}

/** @param parts  P: owners are in [0, P) */
export function roundAttribution(measured: readonly MeasuredTensor[], parts: number): RoundAttribution {
  const { layers, total } = attributionOf(measured);
  const places = layers.map(({ label, kind, stack, layer }) => ({ label, kind, stack, layer }));
  return {
    layers: layers.map((group, i) => ({ ...places[i], ...arrived(group, parts) })),
    total: arrived(total, parts),
  };
}

function arrived({ change, models, cosines, tensors, linearTensors }: AttributedPart, parts: number): ArrivedChange {
  const shares = new Map(models.map(({ model, share }) => [model, share]));
  const known = cosines.flatMap(({ cosine }) => (cosine === null ? [] : [cosine]));
  return {
    change,
    shares: Array.from({ length: parts }, (_, part) => shares.get(partLabel(part)) ?? null),
    cosine: known.length === 0 ? null : known.reduce((sum, cosine) => sum + cosine, 0) / known.length,
    tensors,
    linearTensors,
  };
}
