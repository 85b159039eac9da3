import { readFileSync, writeFileSync } from "node:fs";

/** A tensor of any dtype of the format, also of those that Strata does not read. */
export interface RawTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

type Header = Readonly<Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>>;

export function readRawTensors(path: string): ReadonlyMap<string, RawTensor> {
  const file = readFileSync(path);
  const start = 8 + Number(file.readBigUInt64LE());
  const { __metadata__: _, ...header } = JSON.parse(file.toString("utf8", 8, start)) as Header;
  return new Map(
    Object.entries(header).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [begin, end],
        },
      ]) => {
        const bytes = file.subarray(start + begin, start + end);
        return [name, { name, dtype, shape, bytes }];
      },
    ),
  );
}

/** In the given order, without padding. */
export function writeRawTensors(path: string, tensors: readonly RawTensor[]): void {
  let position = 0;
  const header: Record<string, object> = {};
  for (const { name, dtype, shape, bytes } of tensors) {
    header[name] = { dtype, shape, data_offsets: [position, position + bytes.length] };
    position += bytes.length;
  }
  const text = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(path, Buffer.concat([prefix, text, ...tensors.map(({ bytes }) => bytes)]));
}
