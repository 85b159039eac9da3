import { statSync } from "node:fs";
import { mergeError } from "../merge-error.js";
import type { FileReader } from "./file-reader.js";

/** A file of an archive that is stored without compression. */
export interface ZipEntry {
  readonly name: string;
  /** Of its bytes in the archive. */
  readonly position: number;
  readonly size: number;
}

const signatures = {
  end: 0x06054b50,
  end64: 0x06064b50,
  locator64: 0x07064b50,
  central: 0x02014b50,
  local: 0x04034b50,
};

/** Lists a ZIP archive as PyTorch writes it. @throws StrataError if it is no archive, or an entry is compressed */
export function readZipEntries(path: string, files: FileReader): readonly ZipEntry[] {
  const { size } = statSync(path);
  const directory = findDirectory(path, size, files);
  const bytes = viewOf(files.read(path, directory.position, directory.size));
  const entries: ZipEntry[] = [];
  for (let at = 0, i = 0; i < directory.count; i++) {
    if (at + 46 > bytes.byteLength || bytes.getUint32(at, true) !== signatures.central) throw noArchive(path);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => bytes.getUint16(at + offset, true));
    const name = textOf(bytes, at + 46, nameLength);
    const extra = new DataView(bytes.buffer, bytes.byteOffset + at + 46 + nameLength, extraLength);
    const [compressed, plain, local] = wideFields(
      extra,
      [20, 24, 42].map((offset) => bytes.getUint32(at + offset, true)),
    );
    if (bytes.getUint16(at + 10, true) !== 0 || compressed !== plain) {
      throw mergeError(
        `${path} ${name}`,
        "an entry without compression",
        "a compressed one",
        "Save the model again with torch.save or as safetensors.",
      );
    }
    const header = viewOf(files.read(path, local, 30));
    if (header.getUint32(0, true) !== signatures.local) throw noArchive(path);
    const position = local + 30 + header.getUint16(26, true) + header.getUint16(28, true);
    if (position + plain > size) throw noArchive(path);
    entries.push({ name, position, size: plain });
    at += 46 + nameLength + extraLength + commentLength;
  }
  return entries;
}

function findDirectory(
  path: string,
  size: number,
  files: FileReader,
): { position: number; size: number; count: number } {
  const length = Math.min(size, 22 + 65_535);
  const tail = viewOf(files.read(path, size - length, length));
  for (let at = length - 22; at >= 0; at--) {
    if (tail.getUint32(at, true) !== signatures.end) continue;
    const plain = {
      count: tail.getUint16(at + 10, true),
      size: tail.getUint32(at + 12, true),
      position: tail.getUint32(at + 16, true),
    };
    if (at < 20 || tail.getUint32(at - 20, true) !== signatures.locator64) return plain;
    const wide = viewOf(files.read(path, Number(tail.getBigUint64(at - 12, true)), 56));
    if (wide.getUint32(0, true) !== signatures.end64) throw noArchive(path);
    const [count, bytes, position] = [32, 40, 48].map((offset) => Number(wide.getBigUint64(offset, true)));
    return { count, size: bytes, position };
  }
  throw noArchive(path);
}

/**
 * Sizes and the position of an entry; those that need 64 bits are in the extra field, in this order: plain,
 * compressed.
 */
function wideFields(extra: DataView, [compressed, plain, local]: readonly number[]): readonly [number, number, number] {
  const fields = { plain, compressed, local };
  for (let at = 0; at + 4 <= extra.byteLength; at += 4 + extra.getUint16(at + 2, true)) {
    if (extra.getUint16(at, true) !== 1) continue;
    let from = at + 4;
    for (const name of ["plain", "compressed", "local"] as const) {
      if (fields[name] !== 0xffffffff) continue;
      fields[name] = Number(extra.getBigUint64(from, true));
      from += 8;
    }
  }
  return [fields.compressed, fields.plain, fields.local];
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function textOf(bytes: DataView, at: number, length: number): string {
  return new TextDecoder().decode(new Uint8Array(bytes.buffer, bytes.byteOffset + at, length));
}

function noArchive(path: string) {
  const hint =
    "Files of PyTorch before 1.6 and damaged ones cannot be read: load the model in transformers and save it " +
    "again, as safetensors.";
  return mergeError(path, "an archive of torch.save", "another format, or a truncated file", hint);
}
