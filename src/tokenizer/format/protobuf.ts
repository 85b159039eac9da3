/** A field of a protobuf message: a varint as a signed 64-bit number, anything else as its bytes. */
export type Field = { readonly number: number; readonly value: number | Uint8Array };

/**
 * Splits a message into its fields, without a schema.
 *
 * @throws RangeError for a truncated field or an unknown wire type
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export function readFields(bytes: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const readVarint = (): number => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      if (at >= bytes.length) throw new RangeError("a truncated field");
      const byte = bytes[at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(BigInt.asIntN(64, value));
    }
  };
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) throw new RangeError("a truncated field");
    return bytes.subarray(at, (at += length));
  };
  while (at < bytes.length) {
    const tag = readVarint();
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0:
        fields.push({ number, value: readVarint() });
        break;
      case 1:
        fields.push({ number, value: take(8) });
        break;
      case 2:
        fields.push({ number, value: take(readVarint()) });
        break;
      case 5:
        fields.push({ number, value: take(4) });
        break;
      default:
        throw new RangeError(`a field of wire type ${tag % 8}`);
    }
  }
  return fields;
}

/** The last value of a field; protobuf ignores earlier ones. */
export function lastField(fields: readonly Field[], number: number): number | Uint8Array | undefined {
  return fields.findLast((field) => field.number === number)?.value;
}
