/** Bits of the polynomial of Castagnoli, reflected. */
const polynomial = 0x82f63b78;

let table: Uint32Array | null = null;

/** The CRC of each byte. */
function makeTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? polynomial : 0);
    return crc;
  });
}

/** CRC-32C, which is not the CRC-32 of zlib: the polynomials differ. @see RFC 3720, appendix B.4 */
export function crc32c(bytes: Uint8Array): number {
  table ??= makeTable();
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ table[(crc ^ bytes[i]) & 0xff];
  return (crc ^ 0xffffffff) >>> 0;
}

/** The CRC as TFRecord stores it: rotated right by 15 bits, plus a constant. So a CRC of CRCs is not degenerate. */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
