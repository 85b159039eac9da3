import { fileStamp } from "./file-stamp.js";
import { hashFile } from "./hash.js";

/** Of files that this process hashed while it wrote them. */
const hashes = new Map<string, { readonly stamp: string; readonly sha256: string }>();

/** Remembers the hash of a file that was just written, for one call of `takeHash`. */
export function rememberHash(path: string, sha256: string): void {
  const stamp = fileStamp(path);
  if (stamp !== null) hashes.set(path, { stamp, sha256 });
}

/** SHA-256 of a file in hex: the remembered one if the file has not changed since, otherwise the file is read. */
export async function takeHash(path: string): Promise<string> {
  const known = hashes.get(path);
  hashes.delete(path);
  return known !== undefined && known.stamp === fileStamp(path) ? known.sha256 : hashFile(path);
}
