import { readFileSync } from "node:fs";

/** An event as the file has it. */
export interface DecodedEvent {
  readonly wallTime: number;
  readonly step: number;
  readonly version: string | null;
  readonly isSessionStart: boolean;
  /** [tag, value] in f32. */
  readonly values: readonly (readonly [string, number])[];
}

export interface Scalar {
  readonly step: number;
  readonly value: number;
  readonly wallTime: number;
}

/** CRC-32C bit by bit, other than the program's table. */
function crcOf(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

function checkCrc(content: Buffer, stored: number): void {
  const crc = crcOf(content);
  const masked = (((crc >>> 15) | ((crc << 17) >>> 0)) + 0xa282ead8) % 2 ** 32;
  if (masked !== stored) throw new Error(`CRC ${stored}, expected ${masked}`);
}

/** Number, wire type and content of each field of a message. */
function* fieldsOf(message: Buffer): Generator<{ number: number; varint: number; bytes: Buffer }> {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = message[at++];
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const key = varint();
    const type = key % 8;
    const number = type === 0 ? varint() : 0;
    const length = type === 0 ? 0 : type === 1 ? 8 : type === 5 ? 4 : type === 2 ? varint() : NaN;
    const bytes = message.subarray(at, at + length);
    if (bytes.length !== length) throw new Error(`field ${key} is cut short`);
    at += length;
    yield { number: Math.floor(key / 8), varint: number, bytes };
  }
}

function decodeEvent(message: Buffer): DecodedEvent {
  let event: DecodedEvent = { wallTime: 0, step: 0, version: null, isSessionStart: false, values: [] };
  for (const { number, varint, bytes } of fieldsOf(message)) {
    if (number === 1) event = { ...event, wallTime: bytes.readDoubleLE() };
    else if (number === 2) event = { ...event, step: varint };
    else if (number === 3) event = { ...event, version: bytes.toString() };
    else if (number === 5) event = { ...event, values: [...fieldsOf(bytes)].map((value) => decodeValue(value.bytes)) };
    else if (number === 7) event = { ...event, isSessionStart: [...fieldsOf(bytes)][0].varint === 1 };
    else throw new Error(`unknown field ${number}`);
  }
  return event;
}

function decodeValue(message: Buffer): [string, number] {
  const fields = new Map([...fieldsOf(message)].map(({ number, bytes }) => [number, bytes]));
  return [fields.get(1)!.toString(), fields.get(2)!.readFloatLE()];
}

/** All events of a file. @throws if a record is incomplete or damaged */
export function decodeEvents(path: string): DecodedEvent[] {
  const file = readFileSync(path);
  const events: DecodedEvent[] = [];
  for (let at = 0; at < file.length;) {
    const length = Number(file.readBigUInt64LE(at));
    checkCrc(file.subarray(at, at + 8), file.readUInt32LE(at + 8));
    const data = file.subarray(at + 12, at + 12 + length);
    checkCrc(data, file.readUInt32LE(at + 12 + length));
    events.push(decodeEvent(data));
    at += length + 16;
  }
  return events;
}

/** The scalars that a reader shows, by tag: a session start drops what is before it from its step on. */
export function scalarsOf(events: readonly DecodedEvent[]): Map<string, Scalar[]> {
  const found = new Map<string, Scalar[]>();
  for (const { wallTime, step, isSessionStart, values } of events) {
    if (isSessionStart)
      for (const [tag, scalars] of found)
        found.set(
          tag,
          scalars.filter((one) => one.step < step),
        );
    for (const [tag, value] of values) found.set(tag, [...(found.get(tag) ?? []), { step, value, wallTime }]);
  }
  return found;
}
