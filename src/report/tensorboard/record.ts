import { maskedCrc32c } from "./crc32c.js";

/** Bytes before the data of a record: their length (uint64) and its CRC. */
export const recordHeaderBytes = 12;

/** Bytes of a record beside its data. */
export const recordFrameBytes = recordHeaderBytes + 4;

/** A record of a TFRecord file: length, CRC of the length, data, CRC of the data; numbers are little-endian. */
export function frameRecord(data: Uint8Array): Buffer {
  const record = Buffer.allocUnsafe(recordFrameBytes + data.length);
  record.writeUInt32LE(data.length, 0);
  record.writeUInt32LE(0, 4);
  record.writeUInt32LE(maskedCrc32c(record.subarray(0, 8)), 8);
  record.set(data, recordHeaderBytes);
  record.writeUInt32LE(maskedCrc32c(data), recordHeaderBytes + data.length);
  return record;
}

/** The number of data bytes of the record with this header; null if the header is damaged, or of 4 GiB or more. */
export function recordDataBytes(header: Buffer): number | null {
  const isIntact = header.readUInt32LE(8) === maskedCrc32c(header.subarray(0, 8)) && header.readUInt32LE(4) === 0;
  return isIntact ? header.readUInt32LE(0) : null;
}
