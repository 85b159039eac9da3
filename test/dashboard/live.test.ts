import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { leaseHolder } from "../../src/files/lease.js";
import { readPlan } from "../../src/run/graph/plan-record.js";
import {
  browserSkipReason,
  openBrowser,
  openPage,
  overflow,
  skippedNote,
  type WatchedPage,
} from "../browser/browser.js";
import { writeSmallRecipe } from "../run/small-recipe.js";
import { strata, type Ended } from "../run/strata.js";
import { temporaryFolder } from "../temporary-folder.js";
import { journalOf, plotOf, serve, type Served } from "./served.js";

/** Trains until it is killed. */
const sets = [
  "strategies=[slerp-1]",
  "baselines=[]",
  "evaluateAt=[]",
  "training.amount={steps: 1000000}",
  "training.checkpointSteps=1000",
  "evaluation=[{name: loss, kind: loss, data: problems, documents: 4}]",
];

// The tests follow the run: each needs the state that the one before leaves.
describe.skipIf(browserSkipReason() !== null)(`the page of a run that is going on${skippedNote()}`, () => {
  const runs = join(temporaryFolder(), "runs");
  const folder = join(runs, "pico");
  const jobFolder = (id: string) => join(runs, "jobs", id);
  let browser: Browser;
  let served: Served;
  let watched: WatchedPage;
  let page: Page;
  let parts: string[];
  let run: ChildProcess;
  let ended: Promise<Ended>;

  const textOf = (id: string) => page.locator(`#${id}`).innerText();
  const cellOf = (part: number) => page.locator(`#lanes td[id$="${parts[part]}"]`);
  const holder = (id: string) => leaseHolder(join(jobFolder(id), "lock"))?.pid as number;

  beforeAll(async () => {
    const recipe = writeSmallRecipe(temporaryFolder());
    const args = ["run", recipe, "--runs", runs, "--quiet", ...sets.flatMap((one) => ["--set", one])];
    ended = strata(args, (child) => (run = child));
    await vi.waitUntil(() => parseable(folder), { timeout: 60_000 });
    parts = readPlan(folder).strategies[0].parts[0].map(({ id }) => id);
    await vi.waitUntil(() => journalOf(jobFolder(parts[0])).length > 4, { timeout: 60_000 });
    served = await serve(folder);
    browser = await openBrowser();
    watched = await openPage(browser, served.address);
    page = watched.page;
  });
  afterAll(async () => {
    await browser?.close();
    await served?.stop();
    run.kill("SIGKILL");
  });

  it("shows state, progress, loss, speed, place and memory of the parts at work", async () => {
    await expect.poll(() => cellOf(0).innerText(), { timeout: 20_000 }).toMatch(/tokens\/s/);
    const cell = await cellOf(0).innerText();
    expect(cell).toMatch(/▶ running\s+\d+ %\s+.*left\s+loss \d\.\d{3}\s+[\d,]+ tokens\/s\s+process \d+/s);
    expect(await textOf("summary")).toMatch(
      /running jobs end in\s+about .*speed\s+[\d,]+ tokens\/s\s+memory\s+[\d.]+ MB/s,
    );
    expect(await textOf("summary")).toMatch(/watched by\s+process \d+/);
    expect(await cellOf(2).innerText()).toBe("· waiting");
    expect(await textOf("verdict")).toContain("No scores yet");
  });

  it("grows without being loaded again, with the losses of the journal", async () => {
    const lastStep = async () => (await plotOf(page, "slerp-1")).lines[0].points.at(-1)?.[0] as number;
    const before = await lastStep();
    await expect.poll(lastStep, { timeout: 20_000 }).toBeGreaterThan(before + 3);
    const { lines } = await plotOf(page, "slerp-1");
    const journal = new Map(journalOf(jobFolder(parts[0])));
    for (const [step, loss] of lines[0].points) expect(journal.get(step)).toBe(loss);
    expect(await overflow(page)).toEqual([]);
  });

  it("keeps the focus in a curve while it grows", async () => {
    const panel = page.locator('#losses svg[aria-label$="of slerp-1"]');
    await panel.focus();
    await page.keyboard.press("ArrowRight");
    const html = await panel.getAttribute("data-plot");
    await expect.poll(() => panel.getAttribute("data-plot"), { timeout: 20_000 }).not.toBe(html);
    expect(await panel.evaluate((one) => one === document.activeElement)).toBe(true);
    expect(await page.locator("#values").isVisible()).toBe(true);
    expect(await panel.locator(".cursor").count()).toBe(1);
  });

  it("says that the dashboard is gone, and follows it again after it was started again", async () => {
    const { port } = new URL(served.address);
    await served.stop();
    await expect.poll(() => textOf("connection"), { timeout: 10_000 }).toContain("trying again");
    served = await serve(folder, "--port", port);
    await expect.poll(() => textOf("connection"), { timeout: 20_000 }).toBe("");
    const before = await cellOf(0).innerText();
    await expect.poll(() => cellOf(0).innerText(), { timeout: 20_000 }).not.toBe(before);
  });

  it("shows the four parts of a failure at the top, at the part and in its log", async () => {
    process.kill(holder(parts[0]), "SIGKILL");
    await expect.poll(() => textOf("failures"), { timeout: 20_000 }).not.toBe("");
    const fourParts = new RegExp(
      `RunError: train layers 0-1 on shard 1 \\(${parts[0]}\\) — expected its process to exit normally, ` +
        "got killed by SIGKILL\\.\\s+Run the same command again: it resumes from the last checkpoint",
    );
    expect(await textOf("failures")).toMatch(fourParts);
    expect(await cellOf(0).innerText()).toMatch(
      /✗ failed[^]*expected its process to exit normally, got killed by SIGKILL/,
    );
    expect(await textOf("summary")).toMatch(/✗ 1 failed/);
    await cellOf(0).locator("a").click();
    await expect.poll(() => textOf("log")).toMatch(fourParts);
    expect(await textOf("log")).toContain(readFileSync(join(jobFolder(parts[0]), "log.txt"), "utf8").trim());
    await page.locator("#log a.close").click();
  });

  it("says that a run was killed, where its parts were, and how to resume it", async () => {
    run.kill("SIGKILL");
    expect((await ended).code).toBe(null);
    await expect.poll(() => textOf("summary"), { timeout: 30_000 }).toContain("the run was stopped, or it was killed");
    expect(await textOf("summary")).not.toContain("watched by");
    expect(await textOf("commands")).toContain(`strata run ${folder}`);
    // One that has not seen the run before.
    await served.stop();
    served = await serve(folder);
    for (const width of [1280, 390]) {
      const { page: other, errors, close } = await openPage(browser, served.address, { width, colorScheme: "dark" });
      expect([await overflow(other), errors]).toEqual([[], []]);
      const stopped = other.locator(`#lanes td[id$="${parts[1]}"]`);
      await expect.poll(() => stopped.innerText(), { timeout: 10_000 }).toMatch(/waiting\s+stopped at \d+ %\s+loss/);
      expect((await plotOf(other, "slerp-1")).lines.length).toBeGreaterThanOrEqual(2);
      await close();
    }
    // Only the dashboard that was stopped was missed.
    expect(watched.errors.filter((text) => !/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE|ERR_EMPTY/.test(text))).toEqual([]);
    expect(watched.foreignRequests()).toEqual([]);
  });
});

function parseable(folder: string): boolean {
  try {
    readPlan(folder);
    return true;
  } catch {
    return false;
  }
}
