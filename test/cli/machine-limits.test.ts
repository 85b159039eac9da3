import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { limitsText } from "../../src/cli/actions/doctor-command.js";
import { machineLimits } from "../../src/cli/environment/machine-limits.js";
import { temporaryFolder } from "../temporary-folder.js";

const folder = temporaryFolder();

/** Creates a root folder with files of /proc and /sys. */
function system(name: string, files: Readonly<Record<string, string>>): string {
  const root = join(folder, name);
  mkdirSync(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${text}\n`);
  }
  return root;
}

it("a control group's limits apply to the groups inside it, and the file cache counts as free (version 2)", () => {
  const root = system("two", {
    "proc/self/cgroup": "0::/jobs/mine",
    "sys/fs/cgroup/jobs/cpu.max": "150000 100000",
    "sys/fs/cgroup/jobs/memory.max": "1000000",
    "sys/fs/cgroup/jobs/memory.current": "900000",
    "sys/fs/cgroup/jobs/memory.stat": "anon 5\ninactive_file 300000\nactive_file 7",
    "sys/fs/cgroup/jobs/mine/cpu.max": "max 100000",
    "sys/fs/cgroup/jobs/mine/memory.max": "max",
  });
  const limits = machineLimits(root);
  expect(limits).toMatchObject({
    threads: 1,
    processorQuota: 1.5,
    memoryLimitBytes: 1_000_000,
    freeMemoryBytes: 400_000,
  });
  expect(limitsText({ ...limits, processors: 8 })).toBe("1.5 of 8 processors, at most 0.0 GB of memory");
});

it("reads version 1, where a limit larger than the memory means no limit", () => {
  const root = system("one", {
    "proc/self/cgroup": "4:memory:/a\n1:cpu,cpuacct:/\n0::/",
    "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "50000",
    "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000",
    "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712",
    "sys/fs/cgroup/memory/a/memory.limit_in_bytes": "2000000",
    "sys/fs/cgroup/memory/a/memory.usage_in_bytes": "500000",
  });
  expect(machineLimits(root)).toMatchObject({
    threads: 1,
    processorQuota: 0.5,
    memoryLimitBytes: 2_000_000,
    freeMemoryBytes: 1_500_000,
  });
});

it("without control groups the limits are those of the machine", () => {
  const limits = machineLimits(system("none", {}));
  expect(limits).toMatchObject({
    threads: availableParallelism(),
    processorQuota: null,
    memoryBytes: totalmem(),
    memoryLimitBytes: null,
  });
  expect(limits.freeMemoryBytes).toBeGreaterThan(0);
  expect(limitsText(limits)).toBe("no limits");
});
