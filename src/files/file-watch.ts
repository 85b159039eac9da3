import { statSync } from "node:fs";

/**
 * Tells whether a file has not changed for some time of this process's own clock: the times of files are of other
 * clocks, which may differ by minutes.
 *
 * @param milliseconds  how long it must be watched; the file is looked at when the function is called
 * @returns for a path, whether the file has had the same content, as far as its size and mtime or `content` say, for
 *   that long
 */
export function fileWatch(milliseconds: number): (path: string, content?: string) => boolean {
  const seen = new Map<string, { readonly stamp: string; readonly since: number }>();
  return (path, content = "") => {
    const stats = statSync(path, { throwIfNoEntry: false });
    const stamp = `${stats?.ino} ${stats?.size} ${stats?.mtimeMs} ${content}`;
    const last = seen.get(path);
    const now = performance.now();
    if (last?.stamp === stamp) return now - last.since >= milliseconds;
    seen.set(path, { stamp, since: now });
    return false;
  };
}
