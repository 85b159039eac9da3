import type { DataReader } from "hyparquet";

/** A hyparquet reader at the start of some bytes. */
export function dataReader(bytes: Uint8Array): DataReader {
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
}
