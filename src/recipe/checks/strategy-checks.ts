import { findPreset } from "../../plan/presets/presets.js";
import { layersOf } from "../defaults/depth.js";
import { defaultShards, fixedWorkers } from "../defaults/shards.js";
import { describeValue, elements, isMapping, valueAt, type Issue, type Path } from "../errors/issue.js";
import { type WrittenWindow, parseWindow } from "../../model/config/window.js";

/**
 * Checks the number of windows (one per shard, or a single one for a part with all data) and their layers, if known.
 */
export function strategyIssues(recipe: unknown): Issue[] {
  const written = valueAt(recipe, ["shards"]) ?? defaultShards(recipe);
  const shards = typeof written === "number" && Number.isInteger(written) && written > 0 ? written : null;
  const layers = layersOf(recipe);
  return elements(recipe, ["strategies"]).flatMap(({ path, value }) => {
    if (!isMapping(value)) return presetIssues(path, value, shards);
    const rounds = elements(recipe, [...path, "rounds"]).filter((round) => isMapping(round.value));
    return [
      ...(value.windows === undefined ? presetIssues([...path, "preset"], value.preset, shards) : []),
      ...[path, ...rounds.map((round) => round.path)].flatMap((at) => windowIssues(recipe, at, shards, layers)),
      ...dataShareIssues(recipe, path, shards),
      ...readsIssues(recipe, path),
    ];
  });
}

function presetIssues(path: Path, name: unknown, shards: number | null): Issue[] {
  const workers = typeof name === "string" ? (findPreset(name)?.workers ?? null) : null;
  if (shards === null || workers === null || workers === 1 || workers === shards) return [];
  return [
    {
      path,
      atKey: false,
      expected: `a strategy with ${shards} windows, one per shard`,
      got: describeValue(name),
      hint: `This preset has ${workers} windows: set \`shards: ${workers}\` or write a custom strategy.`,
    },
  ];
}

/** Several workers with the same data would train the same part. */
function readsIssues(recipe: unknown, path: Path): Issue[] {
  const strategy = valueAt(recipe, path);
  if (valueAt(recipe, [...path, "reads"]) !== "all" || (fixedWorkers(strategy) ?? 2) === 1) return [];
  return [
    {
      path: [...path, "reads"],
      atKey: false,
      expected: "own, because the strategy has several workers",
      got: "all",
      hint: "Remove `reads`: with all data, workers with the same window would train the same part.",
    },
  ];
}

function dataShareIssues(recipe: unknown, path: Path, shards: number | null): Issue[] {
  const shares = elements(recipe, [...path, "dataShares"]);
  if (shares.length === 0 || shards === null || shares.length === shards) return [];
  return [
    {
      path: [...path, "dataShares"],
      atKey: false,
      expected: `${shards} numbers, one per shard`,
      got: String(shares.length),
      hint: `Give ${shards} numbers, or write \`equal\` or \`cost\`.`,
    },
  ];
}

function windowIssues(recipe: unknown, path: Path, shards: number | null, layers: number | null): Issue[] {
  const windows = elements(recipe, [...path, "windows"]);
  const issues: Issue[] = [];
  if (windows.length > 1 && shards !== null && windows.length !== shards) {
    issues.push({
      path: [...path, "windows"],
      atKey: false,
      expected: `${shards} windows, one per shard`,
      got: String(windows.length),
      hint: `Give ${shards} windows or set \`shards: ${windows.length}\`.`,
    });
  }
  const parsed = windows.map(({ path: at, value }) => ({
    path: at,
    value: typeof value === "string" ? parseWindow(value) : null,
  }));
  return [...issues, ...boundIssues(parsed, layers)];
}

/** Windows that are empty or exceed the model. */
export function boundIssues(
  windows: readonly { path: Path; value: WrittenWindow | null }[],
  layers: number | null,
): Issue[] {
  return windows.flatMap(({ path, value }) => {
    if (value === null || value === "full") return [];
    const { first, end } = value;
    if (first < end && (layers === null || end <= layers)) return [];
    const expected = `a window inside layers 0–${layers ?? "…"}`;
    return [
      {
        path,
        atKey: false,
        expected,
        got: JSON.stringify(`${first}-${end}`),
        hint:
          first < end
            ? "The end of a window is exclusive: the last layers are, for example, " +
              `${Math.max(0, (layers as number) - 4)}-${layers}.`
            : `Use half-open ranges such as ${end}-${first + 1}.`,
      },
    ];
  });
}
