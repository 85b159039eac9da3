import { spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";

/** In the order of `Call` in faulty-disk.cpp. */
export const callNames = [
  "create",
  "open",
  "read",
  "pread",
  "write",
  "pwrite",
  "writev",
  "fsync",
  "fdatasync",
  "rename",
  "link",
  "symlink",
  "mkdir",
  "unlink",
  "ftruncate",
  "fallocate",
  "copy",
  "close",
];

/** 64-bit numbers of `Control` before its counters. */
const settings = 5;
const source = join(import.meta.dirname, "faulty-disk.cpp");

/** @returns why the library cannot be compiled here, or null */
export function faultyDiskSkipReason() {
  if (process.platform !== "linux") return "needs Linux";
  return spawnSync("g++", ["--version"]).status === 0 ? null : "needs g++";
}

/** Compiles the library into a folder. @throws Error with the compiler's errors */
export function compileFaultyDisk(folder) {
  const library = join(folder, "faulty-disk.so");
  const args = ["-std=c++17", "-O1", "-Wall", "-Wextra", "-shared", "-fPIC", "-o", library, source, "-ldl"];
  const { status, stderr } = spawnSync("g++", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`g++ failed:\n${stderr}`);
  return library;
}

/**
 * A disk that fails once: the `number`th (from 1) `call` on files below `store`. With `ENOSPC`, all later calls that
 * need space fail as well. Without `call` it only counts.
 *
 * @param control  path of a new file for counters and settings, outside the store
 */
export function faultyDisk(library, control, store, { call, number = 0, error = "EIO" } = {}) {
  const values = new BigInt64Array(settings + 2 * callNames.length);
  values.set([0n, BigInt(callNames.indexOf(call)), BigInt(number), BigInt(constants.errno[error]), 0n]);
  writeFileSync(control, new Uint8Array(values.buffer));
  const read = () => {
    const bytes = readFileSync(control);
    return new BigInt64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  };
  const byName = (start) => Object.fromEntries(callNames.map((name, i) => [name, Number(read()[start + i])]));
  return {
    environment: { LD_PRELOAD: library, TORTURE_CONTROL: control, TORTURE_FOLDER: store },
    /** How often each call was made, of those that succeeded and failed. */
    calls: () => byName(settings),
    /** How often each call failed. */
    failures: () => byName(settings + callNames.length),
    /** Changes what is added to the time of day in all processes. */
    setClock(seconds) {
      const file = openSync(control, "r+");
      writeSync(file, new Uint8Array(BigInt64Array.of(BigInt(Math.round(seconds))).buffer), 0, 8, 0);
      closeSync(file);
    },
  };
}
