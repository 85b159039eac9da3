/** A run on an adapter whose driver refuses memory: a Vulkan library that stands before the real one. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { strata } from "../../run/strata.js";
import { temporaryFolder } from "../../temporary-folder.js";
import { noAdapter } from "./adapter.js";

const libraries = ["x86_64-linux-gnu", "aarch64-linux-gnu"].map((name) => `/usr/lib/${name}/libvulkan.so.1`);
const vulkan = libraries.find((path) => existsSync(path));
const reason = noAdapter ?? (vulkan ? null : `none of ${libraries.join(", ")} exists`);
const why = reason === null ? "" : ` (skipped: ${reason})`;

const recipe = `
name: large
data: { stories: { synthetic: stories, documents: 100 } }
tokenizer: { train: { data: [stories], vocabSize: 300 } }
model: { random: { layers: 2, hiddenSize: 512, attentionHeads: 8 } }
training: { data: [stories], sequenceLength: 32, amount: { steps: 2 } }
strategies: [vanilla]
baselines: []
machine: { device: webgpu }
`;

test.skipIf(reason !== null)(
  `memory that the driver refuses ends the part with its size and what to lower${why}`,
  async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "lib"));
    writeFileSync(join(folder, "large.yaml"), recipe);
    const source = join(import.meta.dirname, "limited-vulkan.cpp");
    execFileSync("g++", ["-shared", "-fPIC", "-o", join(folder, "lib/libvulkan.so.1"), source, "-ldl"]);
    const { code, err } = await strata(["run", join(folder, "large.yaml"), "--runs", join(folder, "runs")], () => {}, {
      STRATA_ADAPTER: "llvmpipe",
      LD_LIBRARY_PATH: join(folder, "lib"),
      VULKAN_LIBRARY: String(vulkan),
      VULKAN_LIMIT: String(40 * 2 ** 20),
    });
    expect(err).toMatch(
      /memory of the graphics adapter — expected [\d.]+ MiB more, got vkAllocateMemory failed with VK_ERROR_OUT_OF_\S+\./,
    );
    expect(err).toContain("Lower training.batchSize or training.sequenceLength");
    // Not an error for each call that would have used it.
    expect(err).not.toContain("Invalid Buffer");
    expect(code).toBe(1);
  },
  120_000,
);
