import { basename } from "node:path";
import { runLabel, runsOf } from "../tensor-groups.js";
import type { AttributedGroup, AttributedPart, Attribution } from "./attribution.js";

/** Rows of layers of a table; more are joined. */
const maxRows = 24;
const none = "–";

/**
 * A row per layer, or per run of layers that do not differ, and one of the total: change of the result, share of each
 * model, cosines between the changes. Headings first.
 */
export function attributionTable(attribution: Attribution): readonly (readonly string[])[] {
  const { models, layers, total } = attribution;
  const headings = ["part", "change", ...shortLabels(models), ...(models.length > 1 ? ["cosine"] : [])];
  const similar = runsOf(layers, (a, b) => cells([a]).slice(1).join() === cells([b]).slice(1).join());
  const runs = similar.length <= maxRows ? similar : joined(layers, Math.ceil(similar.length / maxRows));
  return [headings, ...runs.map((run) => [runLabel(run), ...cells(run)]), ["total", ...cells([total])]];
}

/** Runs of up to `count` layers. */
function joined(layers: readonly AttributedGroup[], count: number): readonly (readonly AttributedGroup[])[] {
  return runsOf(layers, () => true).flatMap((run) =>
    Array.from({ length: Math.ceil(run.length / count) }, (_, i) => run.slice(i * count, (i + 1) * count)),
  );
}

function cells(run: readonly AttributedPart[]): string[] {
  const change = Math.sqrt(run.reduce((sum, part) => sum + part.change ** 2, 0));
  const shares = run[0].models.map((_, i) =>
    rangeText(
      run.map(({ models }) => models[i].share),
      percent,
      " %",
    ),
  );
  const cosines = run.flatMap((part) => part.cosines.map(({ cosine }) => cosine));
  const isPair = run[0].models.length > 1;
  return [Number(change.toPrecision(3)).toString(), ...shares, ...(isPair ? [rangeText(cosines, twoDigits, "")] : [])];
}

function percent(share: number): string {
  return (100 * share).toFixed(0).replace(/^-0$/, "0");
}

function twoDigits(cosine: number): string {
  return cosine.toFixed(2).replace(/^-0\.00$/, "0.00");
}

/** `50 %`, or `40 to 60 %` */
function rangeText(values: readonly (number | null)[], format: (value: number) => string, unit: string): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return none;
  const [low, high] = [format(Math.min(...known)), format(Math.max(...known))];
  return low === high ? low + unit : `${low} to ${high}${unit}`;
}

/** Last parts of paths where they differ. */
function shortLabels(labels: readonly string[]): readonly string[] {
  const short = labels.map((label) => basename(label));
  return new Set(short).size === short.length ? short : labels;
}

/** What the numbers of the table are, in a sentence. */
export function attributionTitle({ reference }: Attribution, base: string | null): string {
  return reference === "base"
    ? `Share of each model's change from ${base ?? "the base"} that arrived, by layers`
    : "Weight of each model in the result, by layers; changes are relative to the mean of the models";
}

/** Where SLERP acted as linear interpolation, and what was left out; sentences without a full stop. */
export function attributionNotes({ layers, total }: Attribution): readonly string[] {
  const where = runsOf(
    layers.filter(({ linearTensors }) => (linearTensors ?? 0) > 0),
    () => true,
  ).map(runLabel);
  const linear =
    where.length === 0
      ? []
      : [
          `SLERP acted as linear interpolation, because |cosine| is above 0.9995, for ${total.linearTensors} of ` +
            `${total.tensors} tensors: ${where.join(", ")}`,
        ];
  const notFinite = total.notFiniteTensors;
  return [
    ...linear,
    ...(notFinite === 0 ? [] : [`${notFinite} tensors with NaN or infinity are left out of the shares`]),
  ];
}
