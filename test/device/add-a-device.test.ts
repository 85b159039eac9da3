import { expect, test } from "vitest";
import { devices } from "../../src/device/devices.js";
import { deviceReport, openDevice } from "../../src/device/open-device.js";
import { table } from "./toy-device.js";

// conformance.test.ts has the third part of adding a device: one line, as for all others.

test("a device that is one object and one line of the table opens by its name, and is reported", async () => {
  expect((await openDevice("toy", 3, "bf16", { table })).facts).toMatchObject({
    device: "toy",
    threads: 3,
    computeDType: "bf16",
  });
  expect((await deviceReport(table)).map(({ name }) => name)).toEqual([...Object.keys(devices), "toy"]);
});

test("a name that the table does not have is an error with the names that it has", async () => {
  await expect(openDevice("toi" as "toy", 1, "f32", { table })).rejects.toThrow(
    'device — expected auto, cpu, webgpu, reference or toy, got "toi".',
  );
});
