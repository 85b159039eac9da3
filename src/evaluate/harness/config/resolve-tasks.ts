import { existsSync, statSync } from "node:fs";
import type { Dict, Value } from "../../../text/jinja/values/value.js";
import { RawReader, shown, toValue } from "./raw-values.js";
import { readTaskConfig } from "./read-task-config.js";
import type { GroupMetric } from "../output/aggregate-group.js";
import type { GroupConfig, TaskConfig } from "./task-config.js";
import { taskFileError } from "./task-file-error.js";
import { readTaskFile, unknownTask, type Entry, type TaskFiles } from "./task-files.js";

/** What was asked for: each task once, in order, and the groups with their members. */
export interface ResolvedTasks {
  readonly tasks: readonly TaskConfig[];
  /** A group comes before its own groups. */
  readonly groups: readonly GroupConfig[];
}

/**
 * Finds tasks by name: of a task, a group, a tag (all its tasks), a task file, or a pattern with `*`.
 *
 * @throws StrataError for an unknown name, or a file that is wrong
 */
export function resolveTasks(names: readonly string[], files: TaskFiles): ResolvedTasks {
  const tasks = new Map<string, TaskConfig>();
  const groups = new Map<string, GroupConfig>();
  const addTask = (entry: Entry) => {
    if (!tasks.has(entry.name)) tasks.set(entry.name, readTaskConfig(entry));
  };
  const add = (entry: Entry) => {
    if (entry.kind === "task") return addTask(entry);
    if (groups.has(entry.name)) return;
    const group = readGroup(entry, files);
    groups.set(entry.name, group);
    for (const member of group.members) add(memberOf(member, files, entry.file));
  };
  for (const entry of names.flatMap((name) => entriesOf(name, files))) add(entry);
  return { tasks: [...tasks.values()], groups: [...groups.values()] };
}

function entriesOf(name: string, files: TaskFiles): Entry[] {
  const found = files.entries.get(name);
  if (found !== undefined) return [found];
  const tagged = files.tags.get(name);
  if (tagged !== undefined) return tagged.map((task) => files.entries.get(task) as Entry);
  if (/\.ya?ml$/.test(name) && existsSync(name) && statSync(name).isFile()) return [entryOfFile(name)];
  const pattern = name.includes("*") ? new RegExp(`^${name.split("*").map(escapeText).join(".*")}$`) : null;
  const matching = pattern === null ? [] : [...files.entries.values()].filter((entry) => pattern.test(entry.name));
  if (matching.length === 0) throw unknownTask(name, files);
  return matching;
}

function escapeText(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/** @throws StrataError if the file cannot be read, or is neither a task nor a group */
export function entryOfFile(file: string): Entry {
  const keys = readTaskFile(file);
  const [task, group] = [keys.get("task"), keys.get("group")];
  if (typeof group === "string") return { kind: "group", name: group, file, keys };
  if (typeof task === "string") return { kind: "task", name: task, file, keys };
  throw taskFileError(`${file} task`, "the name of the task", "nothing", "Add `task: NAME`.");
}

function memberOf(name: string, files: TaskFiles, file: string): Entry {
  const entry = files.entries.get(name);
  if (entry !== undefined) return entry;
  throw taskFileError(`${file} task`, "names of tasks, groups or tags", `"${name}"`, "Correct the group's list.");
}

function readGroup({ name, file, keys }: Entry, files: TaskFiles): GroupConfig {
  const reader = new RawReader(file, keys);
  const list = reader.get("task");
  const names = (Array.isArray(list) ? list : [list]).map((item) => {
    if (typeof item === "string") return item;
    if (item instanceof Map && item.size === 1 && typeof item.get("task") === "string")
      return item.get("task") as string;
    throw reader.error(
      "task",
      "a list of names",
      shown(item ?? null),
      "Write a separate file for a task that differs.",
    );
  });
  const metadata = reader.get("metadata");
  const version: Value = metadata instanceof Map ? ((toValue(metadata) as Dict).get("version") ?? "N/A") : "N/A";
  return {
    group: name,
    alias: reader.text("group_alias") ?? name,
    file,
    members: names.flatMap((member) => files.tags.get(member) ?? [member]),
    aggregates: aggregatesOf(reader),
    version,
  };
}

function aggregatesOf(reader: RawReader): GroupMetric[] {
  const raw = reader.get("aggregate_metric_list");
  const single = raw instanceof Map ? [new RawReader(reader.file, raw)] : null;
  return (single ?? reader.maps("aggregate_metric_list") ?? []).map((entry) => {
    const aggregation = entry.text("aggregation") ?? "mean";
    if (aggregation !== "mean") throw entry.error("aggregation", "mean", `"${aggregation}"`, "Strata has only mean.");
    return {
      metric: entry.require("metric", entry.text("metric"), "the name of a metric"),
      weightBySize: entry.boolean("weight_by_size") ?? true,
      filters: entry.texts("filter_list"),
    };
  });
}
