/** Finds the compiled addon: the build of `npm ci` in a checkout, or one in the user's cache, compiled on first use. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { addonKey, sourcesKey } from "../../../native/addon-key.mjs";
import { readText } from "../../files/read-text.js";

export interface AddonSettings {
  /** Contains a folder `addon-KEY` for each version of sources and compiler. */
  readonly cacheFolder: string;
  /** Command of the C++ compiler. */
  readonly compiler: string;
  /** Called before the kernels are compiled. */
  onCompile?(): void;
}

/** The path of the addon, or why there is none. */
export type AddonFile = { readonly path: string } | { readonly path: null; readonly reason: string };

/** `~/.cache/strata`, on macOS `~/Library/Caches/strata`. */
export const usualCacheFolder = () =>
  join(homedir(), process.platform === "darwin" ? "Library/Caches" : ".cache", "strata");

const native = fileURLToPath(new URL("../../../native", import.meta.url));
/** The usual addon, and the one that emulates instruction sets. */
export type AddonName = "strata" | "strata-emulated";

/** @param mayCompile  whether to compile an addon that does not exist yet */
export function addonFile(name: AddonName, settings: AddonSettings, mayCompile: boolean): AddonFile {
  const { cacheFolder, compiler } = settings;
  const found = builtInCheckout(name);
  if (found !== null) return { path: found };
  const key = addonKey(compiler);
  if (key === null)
    return compiledBefore(name, cacheFolder) ?? { path: null, reason: `no C++ compiler (tried ${compiler})` };
  const folder = join(cacheFolder, `addon-${key}`);
  const path = join(folder, `${name}.node`);
  if (existsSync(path)) return { path };
  if (!mayCompile) return { path: null, reason: `${path} has not been built` };
  settings.onCompile?.();
  const failure = compileInto(name, folder, compiler);
  return failure === null ? { path } : { path: null, reason: failure };
}

/** The addon that was built in this checkout; null if there is none or the sources have changed since. */
function builtInCheckout(name: AddonName): string | null {
  const [path, keyFile] = [`${name}.node`, `${name}.key`].map((file) => join(native, "build", file));
  if (!existsSync(path) || !existsSync(keyFile)) return null;
  return readText(keyFile).startsWith(`${sourcesKey()}-`) ? path : null;
}

/** A cached addon of these sources from any compiler, for a machine that no longer has one. */
function compiledBefore(name: AddonName, cacheFolder: string): AddonFile | null {
  const start = `addon-${sourcesKey()}-`;
  const folders = existsSync(cacheFolder) ? readdirSync(cacheFolder).sort() : [];
  const paths = folders
    .filter((folder) => folder.startsWith(start))
    .map((folder) => join(cacheFolder, folder, `${name}.node`));
  const path = paths.find((path) => existsSync(path));
  return path === undefined ? null : { path };
}

/** @returns why it failed, or null */
function compileInto(name: AddonName, folder: string, compiler: string): string | null {
  const emulated = name === "strata-emulated" ? ["emulated"] : [];
  const { status, stderr } = spawnSync(process.execPath, [join(native, "build.mjs"), folder, compiler, ...emulated], {
    encoding: "utf8",
  });
  if (status === 0) return null;
  const lines = stderr.trim().split("\n");
  return `a failed compilation: ${lines.find((line) => /error/i.test(line)) ?? lines.at(-1)}`;
}
