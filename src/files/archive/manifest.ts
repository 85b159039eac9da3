import { StrataError } from "../../errors/strata-error.js";

/** A file in an archive. */
export interface Member {
  /** Relative to the archive, with `/`. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** manifest.json, the first member of an archive: what it contains. Users of archives add their own keys. */
export interface ArchiveManifest {
  readonly format: typeof archiveFormat;
  readonly formatVersion: typeof archiveVersion;
  /** The other members, in their order. */
  readonly members: readonly Member[];
}

export const archiveFormat = "strata-pack";
export const archiveVersion = 1;
export const manifestPath = "manifest.json";
/** The second member, in the format of `sha256sum`: `sha256sum -c manifest.sha256` checks the manifest. */
export const manifestHashPath = "manifest.sha256";

export const maxManifestBytes = 16 * 2 ** 20;

/** An archive that is refused. */
export function archiveError(where: string, expected: string, got: string, hint = damageHint): StrataError {
  return new StrataError("FileError", { where, expected, got, hint });
}

const damageHint = "The file is truncated, damaged or not from Strata: copy it again from where it was written.";

export function manifestHashLine(sha256: string): Buffer {
  return Buffer.from(`${sha256}  ${manifestPath}\n`);
}

/**
 * Parses the manifest of an archive and checks its members: relative paths without `.` and `..`, each once, with sizes
 * and hashes.
 *
 * @param path  of the archive, for messages
 * @throws StrataError naming the archive and the member
 */
export function parseManifest(path: string, content: Buffer): ArchiveManifest {
  const where = `${path} ${manifestPath}`;
  let manifest: Partial<Record<keyof ArchiveManifest, unknown>>;
  try {
    manifest = Object(JSON.parse(content.toString("utf8"))) as typeof manifest;
  } catch {
    throw archiveError(where, "JSON", "other text");
  }
  const { format, formatVersion, members } = manifest;
  if (format !== archiveFormat) throw archiveError(where, `format "${archiveFormat}"`, shown(format));
  if (formatVersion !== archiveVersion) {
    const hint = "Another version of Strata wrote the file: use the same version on all machines.";
    throw archiveError(where, `format version ${archiveVersion}`, shown(formatVersion), hint);
  }
  if (!Array.isArray(members)) throw archiveError(where, "a list of members", shown(members));
  checkMembers(path, members);
  return manifest as ArchiveManifest;
}

function checkMembers(path: string, members: readonly unknown[]): void {
  const seen = new Set<string>([manifestPath, manifestHashPath]);
  for (const member of members) {
    const { path: name, bytes, sha256 } = Object(member) as Partial<Record<keyof Member, unknown>>;
    if (typeof name !== "string" || !isInside(name))
      throw archiveError(`${path} ${shown(name)}`, "a path inside the folder that it is extracted to", shown(name));
    const where = `${path} ${name}`;
    if (seen.has(name)) throw archiveError(where, "each member once", "a second one of this name");
    seen.add(name);
    if (!Number.isSafeInteger(bytes) || (bytes as number) < 0)
      throw archiveError(where, "a size in bytes", shown(bytes));
    if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/.test(sha256))
      throw archiveError(where, "a sha256", shown(sha256));
  }
  for (const name of seen) {
    const parts = name.split("/");
    const file = parts
      .slice(1)
      .map((_, i) => parts.slice(0, i + 1).join("/"))
      .find((folder) => seen.has(folder));
    if (file !== undefined) throw archiveError(`${path} ${name}`, `a folder ${file}`, "a file of this name");
  }
}

/** Whether a path stays in its start folder on every system: relative, no `.`, `..`, backslash, colon, controls. */
export function isInside(path: string): boolean {
  if (path.length === 0 || Buffer.byteLength(path) > 1024) return false;
  // oxlint-disable-next-line no-control-regex
  if (/[\\:\u0000-\u001f\u007f]/.test(path)) return false;
  return path
    .split("/")
    .every((part) => part !== "" && part !== "." && part !== ".." && Buffer.byteLength(part) <= 255);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
