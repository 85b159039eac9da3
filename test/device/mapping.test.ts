import { spawn } from "node:child_process";
import { closeSync, ftruncateSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createCpuDevice } from "../../src/device/cpu/cpu-device.js";
import { deviceReport } from "../../src/device/open-device.js";
import { temporaryFolder } from "../temporary-folder.js";

const cpu = (await deviceReport()).find(({ name }) => name === "cpu");
const reason = cpu?.available ? "needs Linux, whose /proc reports how pages are shared" : cpu?.reason;
const folder = temporaryFolder();

const megabyte = 2 ** 20;

function fileOf(name: string, bytes: number): string {
  const path = join(folder, name);
  const file = openSync(path, "w");
  ftruncateSync(file, bytes);
  closeSync(file);
  return path;
}

/** Bytes of a field of /proc/PROCESS/smaps for one mapped file, or of smaps_rollup for all memory. */
function memoryOf(process: number | "self", field: string, path?: string): number {
  const text = readFileSync(`/proc/${process}/smaps${path ? "" : "_rollup"}`, "utf8");
  const start = path ? text.indexOf(path) : 0;
  if (start < 0) throw new Error(`${path} is not mapped`);
  return 1024 * Number(new RegExp(`^${field}: +(\\d+) kB$`, "m").exec(text.slice(start))?.[1] ?? NaN);
}

/** Another process that maps the file and reads all of it, like a worker with the same frozen weights. */
async function otherProcess(path: string, bytes: number) {
  const program = `
    const addon = require(${JSON.stringify(join(import.meta.dirname, "../../native/build/strata.node"))});
    const weights = new Uint8Array(addon.map(${JSON.stringify(path)}, 0, ${bytes}));
    let sum = 0;
    for (let i = 0; i < weights.length; i += 4096) sum += weights[i];
    console.log(sum);
    setInterval(() => weights[0], 1000);`;
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve, reject) => {
    child.stdout.once("data", resolve);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the other process ended with ${code}`)));
  });
  return child;
}

const able = cpu?.available && process.platform === "linux";

test.skipIf(!able)(
  "frozen weights that two processes map are in memory once, and none of them is a process's own " +
    `${able ? "" : `(skipped: ${reason})`}`,
  async () => {
    const bytes = 64 * megabyte;
    const path = fileOf("weights", bytes);
    const own = memoryOf("self", "Anonymous");
    const device = createCpuDevice({ threads: 1, computeDType: "f32" });
    const weights = device.map(path, 0, bytes / 4, "f32");
    const norm = device.allocate("f64", 1);
    device.kernels.squaredNorm({ out: norm, index: 0, x: weights });
    expect(await device.read(norm)).toEqual(Float64Array.of(0));
    expect(memoryOf("self", "Rss", path)).toBe(bytes);
    expect(memoryOf("self", "Pss", path)).toBe(bytes);
    const child = await otherProcess(path, bytes);
    try {
      for (const one of ["self", child.pid ?? 0] as const) {
        expect(memoryOf(one, "Pss", path)).toBe(bytes / 2);
        expect(memoryOf(one, "Anonymous", path)).toBe(0);
        expect(memoryOf(one, "Private_Dirty", path)).toBe(0);
      }
    } finally {
      child.kill();
    }
    // Other work of this process uses some memory, under a sanitizer more; a copy would use all of it.
    expect(memoryOf("self", "Anonymous") - own).toBeLessThan(bytes / 2);
  },
);

test.skipIf(!able)(`mapping a gigabyte reads nothing ${able ? "" : `(skipped: ${reason})`}`, () => {
  const path = fileOf("large", 1024 * megabyte);
  const device = createCpuDevice({ threads: 1, computeDType: "f32" });
  const weights = device.map(path, 0, 512 * megabyte, "bf16");
  expect(memoryOf("self", "Rss", path)).toBeLessThan(megabyte);
  expect(weights.length).toBe(512 * megabyte);
});
