import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeLab, createRandom, openShortLab, shortTrials, type Lab } from "../../scripts/torture/short-form.mjs";
import { temporaryFolder } from "../temporary-folder.js";

let lab: Lab;

beforeAll(async () => {
  lab = await openShortLab(temporaryFolder());
});
afterAll(() => closeLab(lab));

describe("a run gives the bytes of an undisturbed one, or an error that says what to do, after", () => {
  for (const { name, reason, run } of shortTrials) {
    it.skipIf(reason !== null)(`${name}${reason === null ? "" : ` (skipped: ${reason})`}`, async () => {
      const { outcome, detail, hits } = await run(lab, createRandom(1, name));
      expect({ outcome, detail }).not.toMatchObject({ outcome: "lost" });
      expect(hits).toBeGreaterThan(0);
    });
  }
});
