import type { TaskFiles } from "../../evaluate/harness/config/task-files.js";

/** Names of all tasks, groups and tags, a line each. */
export function taskListText({ entries, tags }: TaskFiles): string {
  const all = [...entries.values()];
  const names = (kind: "task" | "group") => all.filter((entry) => entry.kind === kind).map(({ name }) => name);
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0
      ? ""
      : `${title}\n${[...lines]
          .sort()
          .map((line) => `  ${line}\n`)
          .join("")}`;
  return [section("tasks", names("task")), section("groups", names("group")), section("tags", [...tags.keys()])]
    .filter((text) => text !== "")
    .join("\n");
}
