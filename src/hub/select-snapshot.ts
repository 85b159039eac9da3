import { markMissing } from "./cache/cache.js";
import { hubError, nameOf } from "./network/hub-errors.js";
import { hasWildcard, matchesAny } from "./patterns.js";
import { cacheFolderOf, type Repository } from "./repository.js";
import type { HubAccess } from "./settings.js";
import type { Selection } from "./selection.js";
import { openRepository } from "./cache/snapshot.js";
import { plural } from "../text/plural.js";

export interface FileChoice {
  /** Patterns; empty selects all files. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** Selects files of a repository by name patterns. @throws StrataError if no file matches */
export async function selectSnapshot(
  repository: Repository,
  { include, exclude }: FileChoice,
  access: HubAccess,
): Promise<Selection> {
  const choose = (paths: readonly string[]) =>
    paths.filter((path) => (include.length === 0 || matchesAny(path, include)) && !matchesAny(path, exclude));
  const open = await openRepository(repository, access);
  for (const name of include) {
    if (hasWildcard(name) || name.endsWith("/") || open.paths.includes(name) || access.settings.offline) continue;
    markMissing(cacheFolderOf(repository, access.settings), open.commit, name);
  }
  if (choose(open.paths).length === 0) {
    const examples = open.paths.length > 0 ? `, such as ${open.paths.slice(0, 3).join(", ")}` : "";
    throw hubError({
      where: nameOf(repository),
      expected: "files that match the patterns",
      got: `none among ${plural(open.paths.length, "file")}${examples}`,
      hint: "Quote patterns, as in --include '*.json'. To select a folder, write data/.",
    });
  }
  return { open, choose };
}
