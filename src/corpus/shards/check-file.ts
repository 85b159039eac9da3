import { hashFile } from "../../files/hash.js";
import { checkSize, damagedFile } from "../../files/number-file.js";

/** @throws StrataError unless the file has this size and SHA-256 */
export async function checkFile(path: string, bytes: number, sha256: string): Promise<void> {
  checkSize(path, bytes);
  checkEqual(path, "SHA-256", sha256, await hashFile(path));
}

/** @throws StrataError if two hashes differ */
export function checkEqual(path: string, what: string, expected: string, got: string): void {
  if (expected !== got) throw damagedFile(path, `${what} ${expected.slice(0, 16)}…`, `${got.slice(0, 16)}…`);
}
