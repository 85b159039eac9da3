import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../temporary-folder.js";

/** A small disk in memory. */
export interface SmallDisk {
  readonly folder: string;
  resize(bytes: number): void;
  remove(): void;
}

/** Mounts a tmpfs, which needs root on Linux. @returns the disk, or the reason why it cannot be mounted */
export function makeSmallDisk(): SmallDisk | { readonly reason: string } {
  const folder = join(temporaryFolder(), "disk");
  mkdirSync(folder);
  const mount = (...args: string[]) => execFileSync("mount", args, { stdio: "pipe", encoding: "utf8" });
  try {
    mount("-t", "tmpfs", "-o", "size=64k", "strata-test", folder);
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    return { reason: (stderr || message).trim().split("\n")[0] };
  }
  return {
    folder,
    resize: (bytes) => void mount("-o", `remount,size=${bytes}`, folder),
    remove: () => void execFileSync("umount", [folder]),
  };
}
