import { crcDigits, crcOf, formatCrc } from "../files/crc32.js";
import { checkpointError } from "./checkpoint-error.js";

/**
 * A key of `__metadata__`. Its value is a list of CRC-32, eight hexadecimal digits each, separated by spaces: first
 * that of the header, then those of the tensors in the order of their data. The header's is over its length and text
 * with zeros in place of this checksum, so that it covers names, shapes, offsets, metadata and the other checksums.
 */
export const checksumsKey = "strata.crc32";

const listPattern = /^[0-9a-f]{8}( [0-9a-f]{8})*$/;

/** Metadata with room for the checksums of a file with so many tensors. */
export function withChecksums(
  metadata: Readonly<Record<string, string>>,
  tensors: number,
): Readonly<Record<string, string>> {
  return { ...metadata, [checksumsKey]: Array.from({ length: tensors + 1 }, () => formatCrc(0)).join(" ") };
}

/** Writes the checksums into a header that has room for them. @param header  its length as u64 and its text */
export function fillChecksums(header: Uint8Array, tensors: readonly number[]): void {
  const bytes = Buffer.from(header.buffer, header.byteOffset, header.byteLength);
  const at = positionOfList(bytes);
  bytes.write([0, ...tensors].map(formatCrc).join(" "), at, "latin1");
  bytes.write(formatCrc(crcOf(bytes)), at, "latin1");
}

/**
 * Verifies the checksum of a header.
 *
 * @param header   its length as u64 and its text; modified and restored
 * @param tensors  number of its tensors
 * @returns the tensors' checksums in the order of their data; null if the file has none
 * @throws StrataError if the header is not as it was written
 */
export function readChecksums(
  path: string,
  header: Uint8Array,
  metadata: Readonly<Record<string, string>>,
  tensors: number,
): readonly number[] | null {
  const list = metadata[checksumsKey];
  if (list === undefined) return null;
  const where = `${path} __metadata__`;
  const [own, ...others] = listPattern.test(list) ? list.split(" ") : [];
  const bytes = Buffer.from(header.buffer, header.byteOffset, header.byteLength);
  const at = positionOfList(bytes);
  if (at < 0 || others.length !== tensors)
    throw wrongChecksum(where, `${tensors + 1} checksums of 8 digits, as written`, list);
  const stored = bytes.subarray(at, at + crcDigits);
  stored.fill("0");
  const crc = formatCrc(crcOf(bytes));
  stored.write(own, "latin1");
  if (crc !== own) throw wrongChecksum(where, `checksum ${own} of the header, as written`, crc);
  return others.map((digits) => Number.parseInt(digits, 16));
}

/** Quotes inside of strings are escaped, so nothing else in a header has these bytes. */
function positionOfList(header: Buffer): number {
  const start = `"${checksumsKey}":"`;
  const at = header.indexOf(start);
  return at < 0 ? at : at + start.length;
}

function wrongChecksum(where: string, expected: string, got: string): Error {
  return checkpointError(
    where,
    expected,
    got.length > 60 ? `${got.slice(0, 60)}…` : got,
    "The file was damaged after it was written, or another program changed it and kept its old checksums: copy it " +
      "again from its source, or remove it and run again.",
  );
}

/** @throws StrataError unless the bytes of a tensor have the checksum of its file */
export function checkTensor(where: string, checksum: number, crc: number): void {
  if (crc !== checksum) throw wrongChecksum(where, `checksum ${formatCrc(checksum)}, as written`, formatCrc(crc));
}
