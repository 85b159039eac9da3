import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The compiled main module is in bench/build/js. */
export const repository = join(dirname(fileURLToPath(import.meta.url)), "../../..");
export const buildFolder = join(repository, "bench/build");
/** Optional data next to the checkout. */
export const dataFolder = join(repository, "../shared/data");
export const ownScript = join(buildFolder, "js/ours/ours.js");
export const peerScript = join(repository, "bench/peers/peer.py");
