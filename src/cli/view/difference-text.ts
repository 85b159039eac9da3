import type { CheckpointDifference, GroupDifference, TensorDifference } from "../../merge/diff/compare-checkpoints.js";
import type { Measures } from "../../merge/diff/measures.js";
import { runLabel, runsOf } from "../../merge/tensor-groups.js";
import { missing } from "../../report/numbers.js";
import { alignTable } from "../../text/align-table.js";
import { plural } from "../../text/plural.js";

type State = TensorDifference["state"];

const stateNames: Readonly<Record<State, string>> = {
  identical: "identical, bit for bit",
  equal: "equal in value",
  changed: "changed",
  differs: "other bytes",
  otherShape: "other shape",
};

/** Names of tensors that are listed without `--tensors`. */
const shownNames = 5;

/** The result of `strata diff`: a line per layer, or per tensor, then what moved. */
export function differenceText(difference: CheckpointDifference, isLong: boolean): string {
  const rows = isLong ? tensorRows(difference.tensors) : groupRows(difference.groups);
  return [
    `A: ${difference.a}\nB: ${difference.b}\n`,
    `${alignTable(rows, "right")}\n`,
    ...[formLines(difference, isLong), conclusion(difference)].filter((text) => text !== ""),
  ].join("\n");
}

const measureHeadings = ["‖A‖", "‖B‖", "change", "relative", "cosine", "largest"];

function measureCells(measures: Measures | null, isIdentical: boolean): string[] {
  if (measures === null) return measureHeadings.map(() => missing);
  const { normA, normB, change, relativeChange, cosine, largestChange } = measures;
  if (isIdentical) return [short(normA), short(normB), "0", ...Array.from({ length: 3 }, () => "")];
  return [
    short(normA),
    short(normB),
    short(change),
    relativeChange === null ? missing : `${short(100 * relativeChange)} %`,
    cosine === null ? missing : cosine.toFixed(6),
    short(largestChange),
  ];
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function groupRows(groups: readonly GroupDifference[]): string[][] {
  // Consecutive layers that are identical share a line.
  const rows = runsOf(groups, (a, b) => isStill(a) && isStill(b)).map((run) => {
    const tensors = run.reduce((sum, group) => sum + group.tensors, 0);
    const isIdentical = run.every(isStill);
    return [
      runLabel(run),
      String(tensors),
      statesText(run[0], isIdentical),
      ...(run.length > 1 ? measureHeadings.map(() => "") : measureCells(run[0].measures, isIdentical)),
    ];
  });
  return [["part", "tensors", "state", ...measureHeadings], ...rows];
}

function isStill({ states, tensors }: GroupDifference): boolean {
  return states.identical === tensors;
}

function statesText({ states }: GroupDifference, isIdentical: boolean): string {
  if (isIdentical) return stateNames.identical;
  const found = (Object.keys(states) as State[]).filter((state) => states[state] > 0);
  if (found.length === 1) return stateNames[found[0]];
  return found.map((state) => `${states[state]} ${state === "identical" ? state : stateNames[state]}`).join(", ");
}

function tensorRows(tensors: readonly TensorDifference[]): string[][] {
  const rows = tensors.map(({ name, state, a, b, measures }) => [
    name,
    formText(a, b),
    stateNames[state],
    ...measureCells(measures, state === "identical"),
  ]);
  return [["tensor", "dtype and shape", "state", ...measureHeadings], ...rows];
}

function formText(a: TensorDifference["a"], b: TensorDifference["b"]): string {
  const dtype = a.dtype === b.dtype ? a.dtype : `${a.dtype} → ${b.dtype}`;
  const [from, to] = [a, b].map(({ shape }) => `[${shape.join(", ")}]`);
  return `${dtype} ${from === to ? from : `${from} → ${to}`}`;
}

/** What is not the same but for values: names, shapes, dtypes; elements that are not finite. */
function formLines({ tensors, onlyInA, onlyInB, total }: CheckpointDifference, isLong: boolean): string {
  const otherDType = tensors.filter(({ a, b }) => a.dtype !== b.dtype);
  const dtypes = [...new Set(otherDType.map(({ a, b }) => `${a.dtype} → ${b.dtype}`))];
  const otherShape = tensors
    .filter(({ state }) => state === "otherShape")
    .map(({ name, a, b }) => `${name} ${formText(a, b)}`);
  const list = (names: readonly string[]) => {
    const shown = isLong ? names : names.slice(0, shownNames);
    return shown.join(", ") + (shown.length < names.length ? ", …" : "");
  };
  return [
    onlyInA.length > 0 ? `Only in A: ${plural(onlyInA.length, "tensor")}: ${list(onlyInA)}\n` : "",
    onlyInB.length > 0 ? `Only in B: ${plural(onlyInB.length, "tensor")}: ${list(onlyInB)}\n` : "",
    otherShape.length > 0 ? `Other shape: ${plural(otherShape.length, "tensor")}: ${list(otherShape)}\n` : "",
    otherDType.length > 0
      ? `Other dtype: ${plural(otherDType.length, "tensor")}, compared by value: ${dtypes.join(", ")}\n`
      : "",
    total !== null && total.notFinite > 0
      ? `NaN or infinite in A or B: ${plural(total.notFinite, "element")}, left out of the numbers\n`
      : "",
  ].join("");
}

function conclusion({ identical, groups, total, tensors }: CheckpointDifference): string {
  if (identical) return `A and B are identical, bit for bit: ${plural(tensors.length, "tensor")}.\n`;
  const labels = (chosen: (group: GroupDifference) => boolean) =>
    runsOf(groups.filter(chosen), () => true)
      .map(runLabel)
      .join(", ");
  const moved = labels(({ states }) => states.changed + states.differs + states.otherShape > 0);
  const equal = labels((group) => !isStill(group) && group.states.identical + group.states.equal === group.tensors);
  const still = labels(isStill);
  const relative = total?.relativeChange ?? null;
  return [
    moved === "" ? "" : `Moved: ${moved}${relative === null ? "" : ` (in all by ${short(100 * relative)} % of ‖A‖)`}\n`,
    equal === "" ? "" : `Equal in value: ${equal}\n`,
    still === "" ? "Nothing is identical, bit for bit.\n" : `Identical, bit for bit: ${still}\n`,
  ].join("");
}
