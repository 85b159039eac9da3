import type { Figure } from "./figure.js";
import type { Machine } from "./machine.js";
import { formatTarget, isReached, targetOf } from "./targets.js";

export interface Circumstances {
  readonly machine: Machine;
  readonly threads: number;
  readonly rounds: number;
}

export function formatHeader({ machine, threads, rounds }: Circumstances): string {
  const { processor, cores, memoryBytes, instructionSet, load, versions, commit } = machine;
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `machine   ${processor}, ${cores} cores, ${(memoryBytes / 2 ** 30).toFixed(0)} GiB, kernels for ${instructionSet}`,
    `measured  ${threads} threads, median of ${rounds} alternated rounds, load ${load.toFixed(2)} at the start`,
    `versions  ${programs.join(", ")}${commit === null ? "" : `, commit ${commit}`}`,
    ...(load > 0.3 ? ["          The machine is not idle: the figures are unreliable."] : []),
    ...("torch" in versions ? [] : ["          The peer is not installed."]),
  ].join("\n");
}

const columns = [18, 34, 46, 7, 12] as const;

export function formatTitles(): string {
  return formatRow(["name", "ours", "peer", "ratio", "required"]);
}

export function formatFigure({ name, unit, ours, peer, ratio, ourMode, peerMode }: Figure): string {
  const target = targetOf(name);
  const isGood = target && isReached(target, ours, ratio);
  const verdict = isGood === null ? "" : isGood ? "reached" : "missed";
  return formatRow([
    name,
    formatSide(ours, unit, ourMode, "no mode works"),
    formatSide(peer, unit, peerMode, "not measured"),
    ratio === null ? "–" : ratio.toFixed(2),
    target ? formatTarget(target) : "",
    verdict,
  ]);
}

function formatSide(value: number | null, unit: string, mode: string | null, otherwise: string): string {
  return value === null ? otherwise : `${formatNumber(value)} ${unit} (${mode})`;
}

function formatNumber(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function formatRow(cells: readonly string[]): string {
  return cells
    .map((cell, i) => cell.padEnd(columns[i] ?? 0))
    .join("  ")
    .trimEnd();
}

/** One JSON object, for programs. */
export function formatJson(figure: Figure, { machine, threads, rounds }: Circumstances): string {
  const { processor, cores, instructionSet, load, versions, commit } = machine;
  const target = targetOf(figure.name);
  return JSON.stringify({
    ...figure,
    must: target && formatTarget(target),
    reached: target && isReached(target, figure.ours, figure.ratio),
    versions,
    threads,
    rounds,
    load,
    processor,
    cores,
    instructionSet,
    commit,
  });
}
