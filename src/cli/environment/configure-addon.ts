import { homedir } from "node:os";
import { join } from "node:path";
import { usualCacheFolder, type AddonSettings } from "../../device/cpu/addon-file.js";
import { setAddonSettings } from "../../device/cpu/native-addon.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** The cache of compiled kernels (STRATA_CACHE, else XDG_CACHE_HOME/strata) and their compiler (CXX). */
export function addonSettings(environment: Environment): Omit<AddonSettings, "onCompile"> {
  const folder = (name: string) => environment[name]?.replace(/^~(?=\/|$)/, homedir()) || null;
  const shared = folder("XDG_CACHE_HOME");
  return {
    cacheFolder: folder("STRATA_CACHE") ?? (shared === null ? usualCacheFolder() : join(shared, "strata")),
    compiler: environment.CXX || "g++",
  };
}

/** Called before a command. Kernels are compiled when a device is first opened; one line reports it unless `silent`. */
export function configureAddon(silent: boolean): void {
  const onCompile = () => {
    if (!silent) process.stderr.write("strata: compiling the kernels once, which takes about half a minute …\n");
  };
  setAddonSettings({ ...addonSettings(process.env), onCompile });
}
