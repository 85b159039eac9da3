import { isBeforeLayers, isHead, parseLayerName } from "./plan/tensor-roles.js";

export type GroupKind = "embeddings" | "layer" | "norm" | "head" | "other";

/** A layer, or the tensors outside the layers that serve the same purpose. */
export interface TensorGroup {
  /** `embeddings`, `layer 3`; with the stack if there are several: `vision.layers 3`. */
  readonly label: string;
  readonly kind: GroupKind;
  /** `model.layers`; empty outside the layers. */
  readonly stack: string;
  /** Null outside the layers. */
  readonly layer: number | null;
  /** Names of its tensors, in the order in which they were given. */
  readonly names: readonly string[];
}

const kinds: readonly GroupKind[] = ["embeddings", "layer", "norm", "head", "other"];
const labels = { embeddings: "embeddings", norm: "norm", head: "head", other: "other tensors" } as const;
const norm = /(^|[._])(norm|layernorm|layer_norm|ln|ln_f)([._]|$)/i;

/** The groups of tensors in the order of a model: embeddings, layers, norm, head, others. */
export function groupTensors(names: readonly string[]): readonly TensorGroup[] {
  const found = new Map<string, { kind: GroupKind; stack: string; layer: number | null; names: string[] }>();
  for (const name of names) {
    const { stack = "", index: layer = null } = parseLayerName(name) ?? {};
    const kind = layer === null ? kindOutsideLayers(name) : "layer";
    const key = `${kind} ${stack} ${layer}`;
    const group = found.get(key) ?? { kind, stack, layer, names: [] };
    group.names.push(name);
    found.set(key, group);
  }
  const stacks = new Set([...found.values()].filter(({ kind }) => kind === "layer").map(({ stack }) => stack));
  return [...found.values()]
    .map((group) => ({ ...group, label: labelOf(group, stacks.size > 1) }))
    .sort(
      (a, b) =>
        kinds.indexOf(a.kind) - kinds.indexOf(b.kind) ||
        (a.stack < b.stack ? -1 : a.stack > b.stack ? 1 : (a.layer ?? 0) - (b.layer ?? 0)),
    );
}

function kindOutsideLayers(name: string): Exclude<GroupKind, "layer"> {
  if (isHead(name)) return "head";
  if (isBeforeLayers(name)) return "embeddings";
  return norm.test(name) ? "norm" : "other";
}

function labelOf({ kind, stack, layer }: Pick<TensorGroup, "kind" | "stack" | "layer">, hasStacks: boolean): string {
  if (kind !== "layer") return labels[kind];
  return hasStacks ? `${stack} ${layer}` : `layer ${layer}`;
}

/** Where a group is in a model. */
export type GroupPlace = Omit<TensorGroup, "names">;

/** `layers 0–3`, or the only group's own label. @param run  consecutive layers of a stack, or one group */
export function runLabel(run: readonly GroupPlace[]): string {
  const [first, last] = [run[0], run[run.length - 1]];
  if (run.length === 1) return first.label;
  return `${first.label.replace(/^layer /, "layers ")}–${last.layer}`;
}

/** The groups in order, consecutive layers together where `joins` says so. */
export function runsOf<Group extends GroupPlace>(
  groups: readonly Group[],
  joins: (group: Group, next: Group) => boolean,
): readonly (readonly Group[])[] {
  const runs: Group[][] = [];
  for (const group of groups) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    const follows = last?.layer != null && group.layer === last.layer + 1 && group.stack === last.stack;
    if (run !== undefined && last !== undefined && follows && joins(last, group)) run.push(group);
    else runs.push([group]);
  }
  return runs;
}
