import { nameOf } from "./network/hub-errors.js";
import type { HubFile } from "./hub-file.js";
import type { HubAccess, HubDownload } from "./settings.js";
import { fetchFiles, missingFiles, type OpenRepository } from "./cache/snapshot.js";

/** Files to use from a repository. */
export interface Selection {
  readonly open: OpenRepository;
  /** Picks the files from all paths. */
  readonly choose: (paths: readonly string[]) => readonly string[];
}

/** Downloads the selected files into the cache. @returns the repository with only the selected paths */
export async function fetchSelection({ open, choose }: Selection, access: HubAccess): Promise<OpenRepository> {
  const fetched = await fetchFiles(open, choose, access);
  return { ...fetched, paths: choose(fetched.paths) };
}

/** The selected files that are not in the cache, by repository; equal content counts once. */
export function downloadsOf(selections: readonly Selection[], access: HubAccess): HubDownload[] {
  const missing = new Map<string, Map<string, HubFile>>();
  for (const { open, choose } of selections) {
    const name = nameOf(open.repository);
    const files = missing.get(name) ?? new Map<string, HubFile>();
    for (const file of missingFiles(open, choose(open.paths), access)) files.set(file.digest, file);
    if (files.size > 0) missing.set(name, files);
  }
  return [...missing].map(([name, files]) => ({
    name,
    files: files.size,
    bytes: [...files.values()].reduce((sum, { bytes }) => sum + bytes, 0),
  }));
}
