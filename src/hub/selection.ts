import { nameOf } from "./network/hub-errors.js";
import type { HubFile } from "./hub-file.js";
import type { HubAccess, HubDownload } from "./settings.js";
import { fetchFiles, missingFiles, type OpenRepository } from "./cache/snapshot.js";

/** What is wanted of a repository. */
export interface Selection {
  readonly open: OpenRepository;
  /** The files, out of all paths. */
  readonly choose: (paths: readonly string[]) => readonly string[];
}

/** Brings what is wanted into the cache. @returns the repository with the chosen paths alone */
export async function fetchSelection({ open, choose }: Selection, access: HubAccess): Promise<OpenRepository> {
  const fetched = await fetchFiles(open, choose, access);
  return { ...fetched, paths: choose(fetched.paths) };
}

/** What the cache lacks of all that is wanted, by repository; equal content counts once. */
export function downloadsOf(selections: readonly Selection[], access: HubAccess): HubDownload[] {
  const lacking = new Map<string, Map<string, HubFile>>();
  for (const { open, choose } of selections) {
    const name = nameOf(open.repository);
    const files = lacking.get(name) ?? new Map<string, HubFile>();
    for (const file of missingFiles(open, choose(open.paths), access)) files.set(file.digest, file);
    if (files.size > 0) lacking.set(name, files);
  }
  return [...lacking].map(([name, files]) => ({
    name,
    files: files.size,
    bytes: [...files.values()].reduce((sum, { bytes }) => sum + bytes, 0),
  }));
}
