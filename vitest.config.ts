import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "forks",
    // More than the two cores of a small machine: some tests wait, for Slurm or for a process that was killed.
    maxWorkers: 3,
  },
});
