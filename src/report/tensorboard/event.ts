import type { Scalars } from "./scalars.js";

/**
 * Events of TensorBoard as the bytes of their protobuf messages, fields in ascending order as protobuf's own writers
 * have them. A key is the number of a field · 8 + its wire type: 0 varint, 1 eight bytes, 2 length and bytes, 5 four
 * bytes.
 *
 * @see https://github.com/tensorflow/tensorboard/blob/master/tensorboard/compat/proto/event.proto
 */
const keys = {
  event: { wallTime: 0x09, step: 0x10, fileVersion: 0x1a, summary: 0x2a, sessionLog: 0x3a },
  summary: { value: 0x0a },
  value: { tag: 0x0a, simpleValue: 0x15 },
  sessionLog: { status: 0x08 },
} as const;

const sessionStart = 1;

/** The first event of every file. @param timestamp  Unix time in seconds */
export function encodeFileVersion(timestamp: number): Buffer {
  return Buffer.concat([wallTime(timestamp), delimited(keys.event.fileVersion, Buffer.from("brain.Event:2"))]);
}

/** Makes readers drop all earlier events from `step` on. */
export function encodeSessionStart(timestamp: number, step: number): Buffer {
  const log = delimited(keys.event.sessionLog, Buffer.of(keys.sessionLog.status, sessionStart));
  return Buffer.concat([wallTime(timestamp), stepField(step), log]);
}

/** All scalars of a step in one event; their values are rounded to f32. */
export function encodeScalars({ step, timestamp, values }: Scalars): Buffer {
  const summary = Object.entries(values).map(([tag, value]) => delimited(keys.summary.value, scalar(tag, value)));
  return Buffer.concat([wallTime(timestamp), stepField(step), delimited(keys.event.summary, Buffer.concat(summary))]);
}

/** The time of an event, which all of the above begin with. */
export function eventTimestamp(event: Buffer): number {
  return event.readDoubleLE(1);
}

function scalar(tag: string, value: number): Buffer {
  const simpleValue = Buffer.allocUnsafe(5);
  simpleValue[0] = keys.value.simpleValue;
  simpleValue.writeFloatLE(value, 1);
  return Buffer.concat([delimited(keys.value.tag, Buffer.from(tag)), simpleValue]);
}

function wallTime(timestamp: number): Buffer {
  const field = Buffer.allocUnsafe(9);
  field[0] = keys.event.wallTime;
  field.writeDoubleLE(timestamp, 1);
  return field;
}

/** Nothing for step 0, the default, which protobuf does not write. */
function stepField(step: number): Buffer {
  return step === 0 ? Buffer.alloc(0) : Buffer.of(keys.event.step, ...varint(step));
}

function delimited(key: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.of(key, ...varint(content.length)), content]);
}

/** Seven bits per byte, the lowest first; all bytes but the last have the top bit. @param value  a safe integer ≥ 0 */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}
