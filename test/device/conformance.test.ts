import { createCpuDevice } from "../../src/device/cpu/cpu-device.js";
import type { ProcessorDType } from "../../src/device/device-kind.js";
import { deviceReport, openDevice } from "../../src/device/open-device.js";
import { createReferenceDevice } from "../../src/device/reference/reference-device.js";
import { testedSets } from "./instruction-sets.js";
import { describeDevice, type DeviceLimits } from "./describe-device.js";
import { table } from "./toy-device.js";

const limits: DeviceLimits = { sums: 1e-12, rounded: 1e-6, roundedInside: 2e-5 };
const cpu = (await deviceReport()).find(({ name }) => name === "cpu");

/** Without the addon its sets are not known: one suite that is skipped with the reason. */
const unknown = { name: "any set", emulated: false, label: "any set", reason: `${cpu?.reason}` };
for (const { name, emulated, label, reason } of cpu?.available ? testedSets : [unknown]) {
  // Emulated ones are slow, and threads are those of every set.
  for (const threads of emulated ? [3] : [1, 3]) {
    describeDevice(
      `cpu ${label}, ${threads} threads`,
      (computeDType) =>
        createCpuDevice({ threads, instructionSet: { name, emulated }, computeDType: computeDType as ProcessorDType }),
      limits,
      reason === null ? {} : { all: reason },
    );
  }
}
describeDevice("reference", (computeDType) => createReferenceDevice("f32", computeDType), limits);
// See add-a-device.test.ts.
describeDevice("toy", (computeDType) => openDevice("toy", 1, computeDType, { table }), limits);
