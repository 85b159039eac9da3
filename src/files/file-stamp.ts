import { statSync } from "node:fs";

/**
 * What the system changes whenever a file is written or replaced: device, inode, size, and the times of the last change
 * of its content and of its inode. The second of these times cannot be set back, so equal stamps mean equal bytes,
 * unless the disk itself is damaged. A symbolic link is followed. Null if there is no such file.
 */
export function fileStamp(path: string): string | null {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (!stats) return null;
  return [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(" ");
}
