import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { crc32c, maskedCrc32c } from "../../src/report/tensorboard/crc32c.js";
import { encodeFileVersion, encodeScalars, encodeSessionStart } from "../../src/report/tensorboard/event.js";
import { eventFileName, isEventFileName, readEventFile } from "../../src/report/tensorboard/event-file.js";
import { frameRecord } from "../../src/report/tensorboard/record.js";
import { metricsLine } from "../../src/report/tensorboard/scalars.js";
import { temporaryFolder } from "../temporary-folder.js";
import { decodeEvents, scalarsOf } from "./decode-events.js";

const golden = join(import.meta.dirname, "events.golden");
const start = 1790000000.125;

it("CRC-32C is that of RFC 3720, appendix B.4", () => {
  const hex = (bytes: Uint8Array) => crc32c(bytes).toString(16);
  expect(hex(Buffer.from("123456789"))).toBe("e3069283");
  expect(hex(new Uint8Array(32))).toBe("8a9136aa");
  expect(hex(new Uint8Array(32).fill(0xff))).toBe("62a8ab43");
  expect(hex(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe("46dd794e");
  expect(hex(Uint8Array.from({ length: 32 }, (_, i) => 31 - i))).toBe("113fdb5c");
  expect(crc32c(new Uint8Array(0))).toBe(0);
  // The mask of a CRC of 0 is its constant.
  expect(maskedCrc32c(new Uint8Array(0))).toBe(0xa282ead8);
});

it("events have the bytes of TensorBoard's own writer", () => {
  const scalars = (timestamp: number, step: number, values: Record<string, number>) =>
    encodeScalars({ timestamp, step, values });
  const events = [
    encodeFileVersion(start),
    scalars(start, 0, { "score/loss/loss": 5.5, "score/answers/exact_match,strict-match": 0 }),
    scalars(start + 1.5, 1, { loss: 5.4321, learning_rate: 3e-4, gradient_norm: -0.25, tokens: 127 }),
    scalars(start + 2, 127, { loss: NaN }),
    scalars(start + 3, 128, { loss: Infinity, gradient_norm: -Infinity }),
    scalars(start + 4, 16384, { λ: 1e-40, ["x".repeat(130)]: 16777217 }),
    encodeSessionStart(start + 5, 300),
    encodeSessionStart(start + 5, 0),
    scalars(start + 6, 2 ** 53 - 1, { tokens: 3.4e38 }),
  ];
  expect(Buffer.concat(events.map(frameRecord)).toString("hex")).toBe(readFileSync(golden).toString("hex"));
});

it("the decoder of these tests reads TensorBoard's bytes", () => {
  const events = decodeEvents(golden);
  expect(events.map(({ step }) => step)).toEqual([0, 0, 1, 127, 128, 16384, 300, 0, 2 ** 53 - 1]);
  expect(events[0].version).toBe("brain.Event:2");
  expect(events[3].values).toEqual([["loss", NaN]]);
  expect(scalarsOf(events.slice(0, 6)).get("λ")).toEqual([
    { step: 16384, value: Math.fround(1e-40), wallTime: start + 4 },
  ]);
  // The first session start drops what is at step 300 and after it, the second one everything.
  expect(scalarsOf(events.slice(0, 7)).get("λ")).toEqual([]);
  expect(scalarsOf(events.slice(0, 7)).get("loss")).toHaveLength(3);
  expect(scalarsOf(events.slice(0, 8)).get("loss")).toEqual([]);
});

it("a line of metrics is JSON, with texts that Python's float reads for what is not finite", () => {
  const values = { loss: NaN, gradient_norm: Infinity, x: -Infinity, tokens: 2 ** 40 };
  const line = metricsLine({ step: 3, timestamp: 1.5, values });
  expect(line).toBe(
    `{"step":3,"timestamp":1.5,"loss":"NaN","gradient_norm":"Infinity","x":"-Infinity","tokens":1099511627776}`,
  );
});

it("the name of a file of events has its first second, and nothing of the host or the time of writing", () => {
  expect(eventFileName(start)).toBe("events.out.tfevents.1790000000.strata");
  expect(eventFileName(5)).toBe("events.out.tfevents.0000000005.strata");
  expect(isEventFileName(eventFileName(start))).toBe(true);
  expect(isEventFileName("events.out.tfevents.1790000000.host.123.0")).toBe(false);
});

it("a record that was cut short is not complete, wherever it was cut", () => {
  const path = join(temporaryFolder(), "events");
  const [first, second] = [frameRecord(encodeFileVersion(start)), frameRecord(encodeSessionStart(start, 7))];
  for (let bytes = 0; bytes < second.length; bytes++) {
    writeFileSync(path, first);
    appendFileSync(path, second.subarray(0, bytes));
    expect(readEventFile(path)).toEqual({ start, completeBytes: first.length });
  }
  writeFileSync(path, first.subarray(0, -1));
  expect(readEventFile(path)).toBe(null);
});
