import { createCpuDevice } from "../../src/device/cpu/cpu-device.js";
import { instructionSets } from "../../src/device/cpu/instruction-sets.js";
import { deviceReport } from "../../src/device/open-device.js";
import { createReferenceDevice } from "../../src/device/reference/reference-device.js";
import { describeDevice, type DeviceLimits } from "./describe-device.js";

const limits: DeviceLimits = { sums: 1e-12, rounded: 1e-6, roundedInside: 2e-5 };
const cpu = deviceReport().find(({ name }) => name === "cpu");

for (const instructionSet of instructionSets) {
  const set = cpu?.instructionSets.find(({ name }) => name === instructionSet);
  const reason = set ? set.reason : `${cpu?.reason}`;
  for (const threads of [1, 3]) {
    describeDevice(
      `cpu ${instructionSet}, ${threads} threads`,
      (computeDType) => createCpuDevice({ threads, instructionSet, computeDType }),
      limits,
      reason === null ? {} : { all: reason },
    );
  }
}
describeDevice("reference", (computeDType) => createReferenceDevice("f32", computeDType), limits);
