import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ReportFacts } from "../../src/report/facts.js";
import { browserSkipReason, openBrowser, openPage, overflow, skippedNote } from "../browser/browser.js";
import { writeSmallRecipe } from "../run/small-recipe.js";
import { strata } from "../run/strata.js";
import { temporaryFolder } from "../temporary-folder.js";

const isSkipped = browserSkipReason() !== null;

describe.skipIf(isSkipped)(`the page of a finished run in a browser${skippedNote()}`, () => {
  let browser: Browser;
  let server: ChildProcess;
  let address: string;
  let folder: string;

  beforeAll(async () => {
    const runs = join(temporaryFolder(), "runs");
    const recipe = writeSmallRecipe(temporaryFolder());
    const set = ["--set", "strategies=[slerp-1]", "--set", "baselines=[vanilla]"];
    expect((await strata(["run", recipe, "--runs", runs, "--quiet", ...set])).code).toBe(0);
    folder = join(runs, "pico");
    address = await new Promise((resolve) => {
      void strata(["dashboard", folder, "--port", "0"], (child) => {
        server = child;
        child.stdout?.on("data", (text) => resolve(String(text).trim()));
      });
    });
    browser = await openBrowser();
  }, 240_000);
  afterAll(async () => {
    server.kill("SIGINT");
    await browser.close();
  });

  it.each([1280, 390])("fits %i pixels, without errors and without requests to other hosts", async (width) => {
    for (const colorScheme of ["light", "dark"] as const) {
      const { page, errors, foreignRequests, close } = await openPage(browser, address, {
        width,
        height: 900,
        colorScheme,
      });
      await page.waitForTimeout(1500);
      expect({ errors, foreign: foreignRequests(), overflow: await overflow(page) }).toEqual({
        errors: [],
        foreign: [],
        overflow: [],
      });
      await close();
    }
  });

  it("shows every figure, the scores of the ledger, and what was overridden", async () => {
    const { page, close } = await openPage(browser, address, { width: 1280, height: 900, colorScheme: "light" });
    expect(await page.locator("#losses svg[data-plot]").count()).toBeGreaterThanOrEqual(3);
    expect(await page.locator("#results figure").count()).toBeGreaterThan(3);
    const ledger = JSON.parse(readFileSync(join(folder, "ledger.json"), "utf8")) as ReportFacts;
    const table = await page.locator("#results #scores ~ .wide").first().innerText();
    for (const { name, scores } of ledger.strategies) {
      expect(table).toContain(name);
      expect(table).toContain(scores[0].metrics.loss.value.toFixed(4));
    }
    expect(await page.locator("#recipe mark").first().innerText()).toContain("strategies:");
    await close();
  });
});
