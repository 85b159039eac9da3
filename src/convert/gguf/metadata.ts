/** A typed value of a GGUF file's metadata. */
export type MetadataValue =
  | { readonly type: "u32" | "f32"; readonly value: number }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "strings"; readonly value: readonly string[] }
  | { readonly type: "i32s" | "f32s"; readonly value: readonly number[] };

/** Entries in file order. */
export type Metadata = readonly (readonly [key: string, value: MetadataValue])[];

export const u32 = (value: number): MetadataValue => ({ type: "u32", value });
export const f32 = (value: number): MetadataValue => ({ type: "f32", value });
export const bool = (value: boolean): MetadataValue => ({ type: "bool", value });
export const string = (value: string): MetadataValue => ({ type: "string", value });
export const strings = (value: readonly string[]): MetadataValue => ({ type: "strings", value });
export const i32s = (value: readonly number[]): MetadataValue => ({ type: "i32s", value });
export const f32s = (value: readonly number[]): MetadataValue => ({ type: "f32s", value });

/** Type codes (gguf_metadata_value_type). */
const codes = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 } as const;

export function encodeU32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

export function encodeU64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

/** The length in bytes (u64), then UTF-8. */
export function encodeString(value: string): Buffer {
  const text = Buffer.from(value, "utf8");
  return Buffer.concat([encodeU64(text.length), text]);
}

/** Key, type code, value. */
export function encodeEntry(key: string, entry: MetadataValue): Buffer {
  return Buffer.concat([encodeString(key), ...encodeValue(entry)]);
}

function encodeValue(entry: MetadataValue): readonly Uint8Array[] {
  switch (entry.type) {
    case "u32":
      return [encodeU32(codes.u32), encodeU32(entry.value)];
    case "f32":
      return [encodeU32(codes.f32), floatBytes([entry.value])];
    case "bool":
      return [encodeU32(codes.bool), Uint8Array.of(entry.value ? 1 : 0)];
    case "string":
      return [encodeU32(codes.string), encodeString(entry.value)];
    case "strings":
      return [...arrayStart(codes.string, entry.value.length), ...entry.value.map(encodeString)];
    case "i32s":
      return [...arrayStart(codes.i32, entry.value.length), new Uint8Array(Int32Array.from(entry.value).buffer)];
    case "f32s":
      return [...arrayStart(codes.f32, entry.value.length), floatBytes(entry.value)];
  }
}

function arrayStart(elementCode: number, length: number): Buffer[] {
  return [encodeU32(codes.array), encodeU32(elementCode), encodeU64(length)];
}

function floatBytes(values: readonly number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}
