import { checkedDevice } from "../../src/device/checked-device.js";
import type { DeviceKind } from "../../src/device/device-kind.js";
import { devices } from "../../src/device/devices.js";
import { rawReferenceDevice } from "../../src/device/reference/reference-device.js";

/** What someone who adds a device writes: one object, and one line in the table. */
const toy: DeviceKind = {
  open: async (threads, computeDType) => {
    const raw = rawReferenceDevice("f32", computeDType);
    return checkedDevice({ ...raw, facts: { ...raw.facts, device: "toy", threads } });
  },
  report: async () => ({ available: true, instructionSets: [], adapters: [], kernels: null, reason: null }),
};
export const table = { ...devices, toy };
