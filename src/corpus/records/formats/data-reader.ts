import type { DataReader } from "hyparquet";

/** Bytes as hyparquet reads them, from their start. */
export function dataReader(bytes: Uint8Array): DataReader {
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
}
