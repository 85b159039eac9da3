import { cpus } from "node:os";
import { chooseDevice, type DeviceChoice } from "../../device/choose-device.js";
import type { DeviceReport, ProcessorDType } from "../../device/device-kind.js";
import type { DeviceName } from "../../device/devices.js";
import { isPinnable } from "../../device/instructions.js";
import type { ComputeDType } from "../../device/kernels.js";
import { deviceReport, openDevice } from "../../device/open-device.js";
import { findSlurm, type SlurmFacts } from "../../jobs/slurm/slurm-commands.js";
import { plural } from "../../text/plural.js";
import { version } from "../../version.js";
import { measureFlops } from "../../device/measure-flops.js";
import { formatGigabytes, machineLimits, type MachineLimits } from "../environment/machine-limits.js";

export async function doctorCommand(options: { json: boolean }): Promise<void> {
  const facts = {
    strata: version,
    node: process.version,
    machine: cpus()[0]?.model ?? "unknown",
    ...machineLimits(),
    devices: await withRates(await deviceReport()),
    auto: { f32: await chooseDevice("f32"), bf16: await chooseDevice("bf16") },
    slurm: await findSlurm(),
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
    ...autoLines(facts.auto),
    ...slurmLines(facts.slurm),
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

function autoLines(auto: Readonly<Record<ProcessorDType, DeviceChoice>>): string[] {
  return Object.entries(auto).flatMap(([dtype, { name, reason }]) =>
    reason === null ? [] : [`  auto is ${name} in ${dtype}: ${reason}`],
  );
}

function slurmLines(slurm: SlurmFacts | string | null): string[] {
  if (slurm === null) return ["✗ Slurm: there is no scontrol in PATH"];
  if (typeof slurm === "string") return [`✗ Slurm: ${slurm}`];
  const { version: release, cluster, maxArraySize, partitions } = slurm;
  return [
    `✓ Slurm ${release}, cluster ${cluster}, arrays of up to ${maxArraySize - 1} jobs`,
    ...partitions.map(({ name, state, timeLimit, nodes, cpus, memory, gres }) => {
      const each = [`${plural(Number(nodes), "node")} with ${cpus} processors`, memory, gres].filter((part) => part);
      return `  partition ${name}: ${state}, ${each.join(", ")}; time limit ${timeLimit}`;
    }),
  ];
}

interface MeasuredDevice extends DeviceReport {
  /** FLOP/s of products with one thread, by dtype; null for the reference device, and one that is not available. */
  readonly rates: Readonly<Partial<Record<ComputeDType, number>>> | null;
}

async function withRates(reports: readonly DeviceReport[]): Promise<MeasuredDevice[]> {
  const measured: MeasuredDevice[] = [];
  for (const report of reports) {
    const rate = async (dtype: ComputeDType) => measureFlops(await openDevice(report.name as DeviceName, 1, dtype));
    const onGpu = report.adapters.length > 0;
    measured.push({
      ...report,
      rates: !isMeasured(report)
        ? null
        : { f32: await rate("f32"), bf16: await rate("bf16"), ...(onGpu && { f16: await rate("f16") }) },
    });
  }
  return measured;
}

const isMeasured = ({ kernels, adapters }: DeviceReport) =>
  kernels !== null || adapters.some(({ available }) => available);

const ratesText = (rates: Readonly<Record<string, number>>) =>
  `${Object.entries(rates)
    .map(([name, rate]) => `${name} ${Math.round(rate / 1e9)}`)
    .join(", ")} GFLOP/s`;

function deviceLines({ name, available, reason, kernels, instructionSets, adapters, rates }: MeasuredDevice): string[] {
  const lines = [`${available ? "✓" : "✗"} device ${name}${reason ? `: ${reason}` : ""}`];
  if (kernels) {
    const { instructionSet, bf16InstructionSet, compiler, products } = kernels;
    const bf16 = products.bf16 === "hardware" ? "bf16 in hardware" : "bf16 by rounding, at the speed of f32";
    const other = bf16InstructionSet === instructionSet ? "" : `, for bf16 ${bf16InstructionSet}`;
    lines.push(`  uses ${instructionSet}${other}, compiled by ${compiler}; matrix products: f32, ${bf16}`);
    for (const [dtype, measured] of Object.entries(kernels.rates))
      if (measured) lines.push(`  chosen by a measurement of ${dtype}: ${ratesText(measured)}`);
  }
  if (rates) {
    lines.push(`  measured${name === "cpu" ? " with one thread" : ""}: ${ratesText(rates)}`);
  }
  for (const part of [...instructionSets, ...adapters]) {
    lines.push(`  ${part.available ? "✓" : "✗"} ${part.name}${part.reason ? `: ${part.reason}` : ""}`);
    if ("facts" in part) lines.push(...part.facts.map((fact) => `    ${fact}`));
  }
  const missing = instructionSets.filter((set) => !set.available && isPinnable(set.name)).map((set) => set.name);
  if (missing.length > 0)
    lines.push(`  emulated to the same bits, slowly, if \`machine.instructions\` names them: ${missing.join(", ")}`);
  return lines;
}
