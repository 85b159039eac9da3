import { describeDevice, type DeviceLimits } from "../describe-device.js";
import { noAdapter, openGpu } from "./adapter.js";

const limits: DeviceLimits = { sums: 1e-12, rounded: 1e-6, roundedInside: 2e-5 };
// In a file for itself, because software adapters take seconds to compile a shader.
describeDevice("webgpu", openGpu, limits, noAdapter === null ? {} : { all: noAdapter }, ["f32", "bf16", "f16"]);
