import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ReportFacts } from "../../src/report/facts.js";
import { browserSkipReason, openBrowser, openPage, overflow, skippedNote, touchingLabels } from "../browser/browser.js";
import { writeSmallRecipe } from "../run/small-recipe.js";
import { strata } from "../run/strata.js";
import { temporaryFolder } from "../temporary-folder.js";
import { firstEvent, plotOf, serve, type Served } from "./served.js";

const sets = [
  "seeds=[1, 2]",
  "strategies=[vanilla, slerp-1]",
  "baselines=[]",
  "evaluateAt=[]",
  "training.amount={steps: 8}",
  "evaluation=[{name: loss, kind: loss, data: problems, documents: 4}]",
];

describe.skipIf(browserSkipReason() !== null)(`the page that compares runs${skippedNote()}`, () => {
  const folder = join(temporaryFolder(), "runs", "pico");
  let browser: Browser;
  let served: Served;

  beforeAll(async () => {
    const set = sets.flatMap((one) => ["--set", one]);
    const recipe = writeSmallRecipe(temporaryFolder());
    expect(await strata(["run", recipe, "--runs", join(folder, ".."), "--quiet", ...set])).toMatchObject({ code: 0 });
    served = await serve(folder);
    browser = await openBrowser();
  });
  afterAll(async () => {
    await served?.stop();
    await browser?.close();
  });

  it("overlays the seeds of a run by strategy, or the strategies by seed", async () => {
    const { page, errors, close } = await openPage(browser, served.address);
    await page.getByRole("link", { name: "compare all" }).click();
    await page.locator("[name=by]").waitFor();
    // Before the scripts have run, a choice has no effect.
    await firstEvent(page);
    const labels = async (name: string) => (await plotOf(page, name)).lines.map(({ label }) => label);
    for (const name of ["vanilla", "slerp-1"]) expect(await labels(name)).toEqual(["pico seed-1", "pico seed-2"]);
    const seeds = await plotOf(page, "vanilla");
    await page.locator("[name=by]").selectOption("run");
    await page.locator('#losses svg[aria-label$="seed-2"]').waitFor();
    for (const name of ["pico seed-1", "pico seed-2"]) expect(await labels(name)).toEqual(["vanilla", "slerp-1"]);
    expect((await plotOf(page, "pico seed-2")).lines[0].points).toEqual(seeds.lines[1].points);
    expect(new URL(page.url()).search).toBe("?run=all&by=run");
    expect(errors).toEqual([]);
    await close();
  });

  it("shows the scores of both ledgers, also as CSV, at every width", async () => {
    for (const width of [1280, 390]) {
      const { page, close } = await openPage(browser, `${served.address}?run=all`, { width });
      const rows = await page.locator("#results tbody tr").allInnerTexts();
      const csv = await (await fetch(`${served.address}compared/scores.csv`)).text();
      for (const seed of [1, 2]) {
        const path = join(folder, `seed-${seed}`, "ledger.json");
        const { strategies } = JSON.parse(readFileSync(path, "utf8")) as ReportFacts;
        for (const { name, scores } of strategies) {
          const { value } = scores[0].metrics.loss;
          const row = rows.find((text) => text.startsWith(name) && text.includes(`seed-${seed}`));
          expect(row).toContain(value.toFixed(4));
          expect(csv).toContain(`pico seed-${seed},${name},loss,loss,${value},`);
        }
      }
      expect([await overflow(page), await touchingLabels(page)]).toEqual([[], []]);
      await close();
    }
  });

  it("tells runs of the same name apart by their paths", async () => {
    const both = await serve(join(folder, "seed-1"), join(folder, "seed-1", "..", "seed-2"), join(folder, "seed-1"));
    const html = await (await fetch(both.address)).text();
    expect(html).toContain(`✓ ${join(folder, "seed-1")}</a>`);
    expect(html).toContain("✓ seed-2</a>");
    await both.stop();
  });
});
