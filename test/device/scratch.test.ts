import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Device } from "../../src/device/kernels.js";
import { createNativeDevice } from "../../src/device/native/native-device.js";
import { deviceReport } from "../../src/device/open-device.js";
import { createReferenceDevice } from "../../src/device/reference/reference-device.js";
import { temporaryFolder } from "../temporary-folder.js";

const native = deviceReport().find(({ name }) => name === "native");
const reason = native?.available ? "needs Linux, whose /proc tells what is in memory" : native?.reason;
const folder = temporaryFolder();
const length = 2 ** 22;

const devices: [string, (() => Device) | null][] = [
  ["native", native?.available ? () => createNativeDevice({ threads: 2, products: "f32" }) : null],
  ["reference", () => createReferenceDevice("f32")],
];

test.each(devices)(
  "scratch memory starts with zeros, is written by kernels and keeps its values when released, %s",
  async (_name, open) => {
    if (open === null) return;
    const device = open();
    const [scratch, memory] = [device.allocateScratch(folder, 1000), device.allocate("f32", 1000)];
    expect(await device.read(scratch)).toEqual(new Float32Array(1000));
    const values = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i));
    device.write(memory, values);
    device.kernels.copy(scratch, memory);
    // A page's edge lies within the first half.
    device.release(scratch.slice(3, 500));
    device.release(scratch);
    device.release(memory);
    expect(await device.read(scratch)).toEqual(values);
    expect(await device.read(memory)).toEqual(values);
    expect(readdirSync(folder)).toEqual([]);
  },
);

function resident(): number {
  return 1024 * Number(/^VmRSS:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
}

const able = native?.available && process.platform === "linux";

test.skipIf(!able)(
  `scratch that is released is no longer in this process's memory${able ? "" : ` (skipped: ${reason})`}`,
  () => {
    const device = createNativeDevice({ threads: 1, products: "f32" });
    const scratch = device.allocateScratch(folder, length);
    device.kernels.fill(scratch, 1);
    const used = resident();
    device.release(scratch);
    expect(used - resident()).toBeGreaterThan(0.9 * 4 * length);
  },
);

test.skipIf(!native?.available)(
  "a folder that is not there, or whose disk is too small, is " +
    `named${native?.available ? "" : ` (skipped: ${native?.reason})`}`,
  () => {
    const device = createNativeDevice({ threads: 1, products: "f32" });
    const missing = join(folder, "none");
    expect(() => device.allocateScratch(missing, length)).toThrow(
      `${missing} — expected 16.0 MiB of disk for a scratch file, got No such file or directory.\n` +
        "  Make room on this disk, or train without offload.",
    );
    expect(() => device.allocateScratch(folder, 2 ** 50)).toThrow(
      `${folder} — expected 4294967296.0 MiB of disk for a scratch file, got `,
    );
    expect(readdirSync(folder)).toEqual([]);
  },
);
