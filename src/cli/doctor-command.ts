import { availableParallelism, cpus, freemem, totalmem } from "node:os";
import { deviceReport } from "../device/open-device.js";
import { version } from "../version.js";

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;

export function doctorCommand(options: { json: boolean }): void {
  const facts = {
    strata: version,
    node: process.version,
    machine: cpus()[0]?.model ?? "unknown",
    threads: availableParallelism(),
    memoryBytes: totalmem(),
    freeMemoryBytes: freemem(),
    devices: deviceReport(),
  };
  if (options.json) {
    process.stdout.write(`${JSON.stringify(facts, null, 2)}\n`);
    return;
  }
  const lines = [
    `Strata ${facts.strata}, Node ${facts.node}`,
    `Machine: ${facts.machine}, ${facts.threads} threads, ${gigabytes(facts.freeMemoryBytes)} of ${gigabytes(facts.memoryBytes)} free`,
  ];
  for (const device of facts.devices) {
    lines.push(`${device.available ? "✓" : "✗"} device ${device.name}${device.reason ? `: ${device.reason}` : ""}`);
    for (const set of device.instructionSets) {
      lines.push(`  ${set.available ? "✓" : "✗"} ${set.name}${set.reason ? `: ${set.reason}` : ""}`);
    }
  }
  process.stdout.write(`${lines.join("\n")}\n`);
}
