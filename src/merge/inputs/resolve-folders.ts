import { existsSync, statSync } from "node:fs";
import { openRepository } from "../../hub/cache/snapshot.js";
import { idPattern, isInnerPath, mainRevision } from "../../hub/repository.js";
import type { HubAccess } from "../../hub/settings.js";
import { StrataError } from "../../errors/strata-error.js";
import { formatModelPath, type ModelPath } from "../config/model-reference.js";
import { mergeError } from "../merge-error.js";
import type { FolderOf } from "./open-model.js";

/**
 * Finds the folder of each path: a folder of this name, or the model of this id in the cache of the hub.
 *
 * @param access  offline: nothing is downloaded
 * @throws StrataError for the first path that is neither
 */
export async function resolveFolders(paths: readonly ModelPath[], access: HubAccess): Promise<FolderOf> {
  const folders = new Map<string, string>();
  for (const path of paths) folders.set(formatModelPath(path), await resolveFolder(path, access));
  return (path, revision) => folders.get(formatModelPath({ path, revision })) as string;
}

async function resolveFolder({ path, revision }: ModelPath, access: HubAccess): Promise<string> {
  if (existsSync(path)) {
    if (statSync(path).isDirectory()) return path;
    throw mergeError(path, "the folder of a model", "a file", "Name the folder with config.json and the weights.");
  }
  const isId = idPattern.test(path) && path.split("/").length === 2 && isInnerPath(revision ?? mainRevision);
  if (isId) {
    try {
      const repository = { kind: "model", id: path, revision: revision ?? mainRevision } as const;
      return (await openRepository(repository, access)).folder;
    } catch (error) {
      if (!(error instanceof StrataError)) throw error;
    }
  }
  const command = `strata download ${path}${revision === null ? "" : ` --revision ${revision}`}`;
  const hint = isId
    ? `Check the path, relative to the working directory. For a model of the hub, run first: ${command}`
    : "Check the path: it is relative to the working directory.";
  throw mergeError(
    formatModelPath({ path, revision }),
    "the folder of a model",
    isId ? "no such folder, and no such model in the hub's cache" : "no such folder",
    hint,
  );
}
