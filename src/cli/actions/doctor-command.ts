import { cpus } from "node:os";
import type { DeviceReport } from "../../device/device-kind.js";
import { deviceReport } from "../../device/open-device.js";
import { plural } from "../../text/plural.js";
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
  const memory = `${formatGigabytes(facts.freeMemoryBytes)} of ${formatGigabytes(facts.memoryBytes)}`;
  const lines = [
    `Strata ${facts.strata}, Node ${facts.node}`,
    `Machine: ${facts.machine}, ${plural(facts.threads, "thread")}, ${memory} free`,
    `Control group: ${limitsText(facts)}`,
    ...facts.devices.flatMap(deviceLines),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

export function limitsText({ processors, processorQuota, memoryLimitBytes }: MachineLimits): string {
  const limits = [
    ...(processorQuota === null ? [] : [`${Number(processorQuota.toFixed(2))} of ${plural(processors, "processor")}`]),
    ...(memoryLimitBytes === null ? [] : [`at most ${formatGigabytes(memoryLimitBytes)} of memory`]),
  ];
  return limits.length > 0 ? limits.join(", ") : "no limits";
}

function deviceLines({ name, available, reason, kernels, instructionSets }: DeviceReport): string[] {
  const lines = [`${available ? "✓" : "✗"} device ${name}${reason ? `: ${reason}` : ""}`];
  if (kernels) {
    const { instructionSet, compiler, products } = kernels;
    const bf16 = products.bf16 === "hardware" ? "bf16 in hardware" : "bf16 by rounding, at the speed of f32";
    lines.push(`  uses ${instructionSet}, compiled by ${compiler}; matrix products: f32, ${bf16}`);
  }
  for (const set of instructionSets)
    lines.push(`  ${set.available ? "✓" : "✗"} ${set.name}${set.reason ? `: ${set.reason}` : ""}`);
  return lines;
}
