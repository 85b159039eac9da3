import { crc32 } from "node:zlib";

/** Characters of a CRC-32 in files and messages. */
export const crcDigits = 8;

/** Eight lower-case hexadecimal digits. */
export function formatCrc(crc: number): string {
  return crc.toString(16).padStart(crcDigits, "0");
}

/** CRC-32 (that of zlib and PNG) of bytes, or of a text in UTF-8. @param before  CRC of what precedes them */
export function crcOf(content: Uint8Array | string, before = 0): number {
  return crc32(content, before);
}
