// The executor of `strata run RECIPE`: its jobs are processes of this machine.
import { join } from "node:path";

const program = join(import.meta.dirname, "../../dist/cli/main.js");

/** @returns how a lab runs the program and keeps its surroundings alive */
export async function openLocal() {
  return {
    name: "local",
    command: (recipe, store) => [program, "run", recipe, "--runs", store, "--quiet"],
    environment: {},
    /** Processes of the surroundings that a fault may hit as well. */
    others: () => [],
    /** Starts those again that a fault has ended. */
    heal: async () => {},
    close: async () => {},
  };
}

export const localSkipReason = () => null;
