import { cpus } from "node:os";
import type { DeviceReport } from "../../device/device-kind.js";
import { deviceReport } from "../../device/open-device.js";
import { version } from "../../version.js";
import { formatGigabytes, machineLimits, type MachineLimits } from "../environment/machine-limits.js";

export function doctorCommand(options: { json: boolean }): void {
  const facts = {
    strata: version,
    node: process.version,
    machine: cpus()[0]?.model ?? "unknown",
    ...machineLimits(),
    devices: deviceReport(),
  };
  if (options.json) {
    process.stdout.write(`${JSON.stringify(facts, null, 2)}\n`);
    return;
  }
  const lines = [
    `Strata ${facts.strata}, Node ${facts.node}`,
    `Machine: ${facts.machine}, ${facts.threads} threads, ${formatGigabytes(facts.freeMemoryBytes)} of ${formatGigabytes(facts.memoryBytes)} free`,
    `Control group: ${limitsText(facts)}`,
    ...facts.devices.flatMap(deviceLines),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

export function limitsText({ processors, processorQuota, memoryLimitBytes }: MachineLimits): string {
  const limits = [
    ...(processorQuota === null
      ? []
      : [`the time of ${Number(processorQuota.toFixed(2))} of ${processors} processors`]),
    ...(memoryLimitBytes === null ? [] : [`${formatGigabytes(memoryLimitBytes)} of memory at most`]),
  ];
  return limits.length > 0 ? limits.join(", ") : "no limits";
}

function deviceLines({ name, available, reason, kernels, instructionSets }: DeviceReport): string[] {
  const lines = [`${available ? "✓" : "✗"} device ${name}${reason ? `: ${reason}` : ""}`];
  if (kernels) {
    const { bf16 } = kernels.products;
    lines.push(
      `  uses ${kernels.instructionSet}, compiled by ${kernels.compiler}; products in f32, and in bf16 by ${
        bf16 === "hardware" ? "the processor's own instructions" : "rounding to it, at the speed of f32"
      }`,
    );
  }
  for (const set of instructionSets)
    lines.push(`  ${set.available ? "✓" : "✗"} ${set.name}${set.reason ? `: ${set.reason}` : ""}`);
  return lines;
}
