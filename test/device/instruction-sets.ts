import type { SetChoice } from "../../src/device/cpu/instruction-sets.js";
import { loadAddon } from "../../src/device/cpu/native-addon.js";

export interface TestedSet extends Required<SetChoice> {
  /** Name, with `emulated` where it is. */
  readonly label: string;
  /** Why this machine does not have it; null if it has. */
  readonly reason: string | null;
}

/** Every instruction set of both addons. `npm test` builds the one that emulates; without it, its sets are missing. */
export const testedSets: readonly TestedSet[] = (["strata", "strata-emulated"] as const).flatMap((addonName) =>
  (loadAddon(false, addonName).addon?.instructionSets ?? []).map(({ name, emulated, available, refusal }) => ({
    name,
    emulated,
    label: emulated ? `${name} emulated` : name,
    reason: available ? null : refusal,
  })),
);

export const availableSets = testedSets.filter(({ reason }) => reason === null);
