import { expect, test } from "vitest";
import { checkedDevice } from "../../src/device/checked-device.js";
import type { DeviceKind } from "../../src/device/device-kind.js";
import { devices } from "../../src/device/devices.js";
import { deviceReport, openDevice } from "../../src/device/open-device.js";
import { rawReferenceDevice } from "../../src/device/reference/reference-device.js";
import { describeDevice } from "./describe-device.js";

/** What someone who adds a device writes: one object, and one line in the table. */
const toy: DeviceKind = {
  open: (threads, computeDType) => {
    const raw = rawReferenceDevice("f32", computeDType);
    return checkedDevice({ ...raw, facts: { ...raw.facts, device: "toy", threads } });
  },
  report: () => ({ available: true, instructionSets: [], kernels: null, reason: null }),
};
const table = { ...devices, toy };

test("a device that is one object and one line of the table opens by its name, and is reported", () => {
  expect(openDevice("toy", 3, "bf16", { table }).facts).toMatchObject({
    device: "toy",
    threads: 3,
    computeDType: "bf16",
  });
  expect(deviceReport(table).map(({ name }) => name)).toEqual([...Object.keys(devices), "toy"]);
});

test("a name that the table does not have is an error with the names that it has", () => {
  expect(() => openDevice("toi" as "toy", 1, "f32", { table })).toThrow(
    'device — expected auto, cpu, reference or toy, got "toi".',
  );
});

// Its arguments are checked and its kernels compared with the oracle by the same line as those of every device.
describeDevice("toy", (computeDType) => openDevice("toy", 1, computeDType, { table }), {
  sums: 1e-12,
  rounded: 1e-6,
  roundedInside: 2e-5,
});
