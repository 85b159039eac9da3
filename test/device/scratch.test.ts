import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createCpuDevice } from "../../src/device/cpu/cpu-device.js";
import { deviceReport } from "../../src/device/open-device.js";
import { temporaryFolder } from "../temporary-folder.js";

const cpu = (await deviceReport()).find(({ name }) => name === "cpu");
const reason = cpu?.available ? "needs Linux, whose /proc reports what is in memory" : cpu?.reason;
const folder = temporaryFolder();
const length = 2 ** 22;

function resident(): number {
  return 1024 * Number(/^VmRSS:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
}

const able = cpu?.available && process.platform === "linux";

test.skipIf(!able)(
  `scratch that is released is no longer in this process's memory${able ? "" : ` (skipped: ${reason})`}`,
  () => {
    const device = createCpuDevice({ threads: 1, computeDType: "f32" });
    const scratch = device.allocateScratch(folder, length);
    expect(readdirSync(folder)).toEqual([]);
    device.kernels.fill({ buffer: scratch, value: 1 });
    const used = resident();
    device.release(scratch);
    expect(used - resident()).toBeGreaterThan(0.9 * 4 * length);
  },
);

test.skipIf(!cpu?.available)(
  `a missing folder, or one whose disk is too small, is named${cpu?.available ? "" : ` (skipped: ${cpu?.reason})`}`,
  () => {
    const device = createCpuDevice({ threads: 1, computeDType: "f32" });
    const missing = join(folder, "none");
    expect(() => device.allocateScratch(missing, length)).toThrow(
      `${missing} — expected 16.0 MiB of disk for a scratch file, got No such file or directory.\n` +
        "  Free space on this disk, or train without offload.",
    );
    expect(() => device.allocateScratch(folder, 2 ** 50)).toThrow(
      `${folder} — expected 4294967296.0 MiB of disk for a scratch file, got `,
    );
    expect(readdirSync(folder)).toEqual([]);
  },
);
