import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { browserSkipReason, openBrowser, openPage, overflow, skippedNote, touchingLabels } from "../browser/browser.js";
import { temporaryFolder } from "../temporary-folder.js";
import { spike, writeManyParts } from "./many-parts.js";
import { plotOf, processCosts, serve, type Served } from "./served.js";

const many = { rounds: 10, workers: 100, steps: 200 };

describe.skipIf(browserSkipReason() !== null)(`the page of a run with 1,000 parts${skippedNote()}`, () => {
  let browser: Browser;
  let served: Served;

  beforeAll(async () => {
    served = await serve(await writeManyParts(join(temporaryFolder(), "runs"), many));
    browser = await openBrowser();
  });
  afterAll(async () => {
    await served?.stop();
    await browser?.close();
  });

  it.skipIf(!existsSync("/proc/self/stat"))(
    "is served within 2 seconds of processor time, in less than 300 MiB (only where /proc has them)",
    async () => {
      const before = processCosts(served.pid).cpuSeconds;
      expect(await (await fetch(served.address)).text()).toContain("1000 running");
      expect(processCosts(served.pid).cpuSeconds - before).toBeLessThan(2);
      const { page, close } = await openPage(browser, served.address);
      await expect.poll(() => page.locator("#summary").innerText(), { timeout: 60_000 }).not.toContain("Reading");
      expect(processCosts(served.pid).peakMemory).toBeLessThan(300);
      await close();
    },
  );

  it("has a cell for each part, and a spike of one part in the curve of all", async () => {
    const { page, errors, foreignRequests, close } = await openPage(browser, served.address);
    await expect.poll(() => page.locator("#summary").innerText(), { timeout: 60_000 }).not.toContain("Reading");
    const cells = await page.locator("#lanes td.job .state.running").allInnerTexts();
    expect([cells.length, new Set(cells)]).toEqual([1000, new Set(["50%"])]);
    const { lines } = await plotOf(page, "many");
    const highest = lines.find(({ label }) => label === "all 100 parts, highest")?.points ?? [];
    const [step, loss] = highest.reduce((a, b) => (b[1] > a[1] ? b : a));
    expect(loss).toBe(spike.loss);
    const position = (spike.round + spike.share) * many.steps;
    expect(Math.abs(step - position)).toBeLessThan((many.rounds * many.steps) / 100);
    expect(highest.length).toBeLessThanOrEqual(300);
    expect([errors, foreignRequests(), await overflow(page)]).toEqual([[], [], []]);
    await close();
  });

  it("fits 390 pixels", async () => {
    const { page, close } = await openPage(browser, served.address, { width: 390, colorScheme: "dark" });
    expect([await overflow(page), await touchingLabels(page)]).toEqual([[], []]);
    await close();
  });
});
