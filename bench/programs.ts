import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { buildFolder, ownScript, peerScript } from "./paths.js";
import type { Program } from "./session.js";
import type { BenchDevice } from "./work.js";

export const ours: Program = { command: process.execPath, parameters: [ownScript], environment: process.env };

export interface Peer {
  readonly program: Program;
  readonly versions: Readonly<Record<string, string>>;
}

const listVersions = `
import json, platform, numpy, safetensors, tokenizers, torch, transformers
print(json.dumps({"python": platform.python_version(), "torch": torch.__version__,
                  "transformers": transformers.__version__, "tokenizers": tokenizers.__version__,
                  "numpy": numpy.__version__,
                  "cuda": torch.cuda.get_device_name() if torch.cuda.is_available() else ""}))`;

/** Null if this Python lacks one of the peer's packages, or the CUDA that is compared with a GPU of Strata's. */
export function findPeer(python: string, threads: number, device: BenchDevice): Peer | null {
  const environment = peerEnvironment(threads);
  try {
    const out = execFileSync(python, ["-c", listVersions], {
      env: environment,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const { cuda, ...versions } = JSON.parse(out) as Record<string, string>;
    if (device === "webgpu" && cuda === "") return null;
    return { program: { command: python, parameters: ["-u", peerScript], environment }, versions };
  } catch {
    return null;
  }
}

/** Sets the threads of every library, leaves the choice of kernels to it, and keeps compiled code. */
function peerEnvironment(threads: number): NodeJS.ProcessEnv {
  const { OPENBLAS_CORETYPE: _, ...inherited } = process.env;
  return {
    ...inherited,
    OMP_NUM_THREADS: `${threads}`,
    MKL_NUM_THREADS: `${threads}`,
    OPENBLAS_NUM_THREADS: `${threads}`,
    TORCHINDUCTOR_CACHE_DIR: join(buildFolder, "inductor"),
    HF_HUB_OFFLINE: "1",
  };
}
