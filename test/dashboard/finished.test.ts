import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readDone } from "../../src/jobs/job-folder.js";
import type { ReportFacts } from "../../src/report/facts.js";
import { readPlan } from "../../src/run/graph/plan-record.js";
import { formatBytes } from "../../src/text/format-bytes.js";
import {
  browserSkipReason,
  openBrowser,
  openPage,
  overflow,
  skippedNote,
  touchingLabels,
  type PageOptions,
} from "../browser/browser.js";
import { writeSmallRecipe } from "../run/small-recipe.js";
import { strata } from "../run/strata.js";
import { temporaryFolder } from "../temporary-folder.js";
import { firstEvent, journalOf, plotOf, serve, type Served } from "./served.js";

const sets = [
  "strategies=[slerp-1, {name: rounds, windows: [full, full, full, full], rounds: 2}]",
  "baselines=[alone, vanilla]",
];
const shards = "shards=4";

describe.skipIf(browserSkipReason() !== null)(`the page of a finished run${skippedNote()}`, () => {
  const runs = join(temporaryFolder(), "runs");
  const folder = join(runs, "pico");
  let browser: Browser;
  let served: Served;
  let ledger: ReportFacts;
  const open = (options: PageOptions = {}) => openPage(browser, served.address, options);

  beforeAll(async () => {
    const recipe = writeSmallRecipe(temporaryFolder());
    const set = [...sets, shards].flatMap((one) => ["--set", one]);
    expect(await strata(["run", recipe, "--runs", runs, "--quiet", ...set])).toMatchObject({ code: 0, err: "" });
    ledger = JSON.parse(readFileSync(join(folder, "ledger.json"), "utf8")) as ReportFacts;
    served = await serve(folder);
    browser = await openBrowser();
  });
  afterAll(async () => {
    await served?.stop();
    await browser?.close();
  });

  it.each([
    [1280, "light"],
    [1280, "dark"],
    [390, "light"],
    [390, "dark"],
  ] as const)("fits %i pixels in %s, without errors, other hosts and labels that touch", async (width, colorScheme) => {
    const { page, errors, foreignRequests, close } = await open({ width, colorScheme });
    await firstEvent(page);
    const found = [errors, foreignRequests(), await overflow(page), await touchingLabels(page)];
    expect(found).toEqual([[], [], [], []]);
    await close();
  });

  it("has every figure, and the scores, rounds and shares of the ledger", async () => {
    const { page, close } = await open();
    const ids = await page.locator("figure").evaluateAll((all) => all.map(({ id }) => id));
    expect(ids).toEqual([
      "figure-losses",
      "figure-gap",
      "figure-scores",
      "figure-tradeoff-gap",
      "figure-tradeoff",
      "figure-curve-loss",
      "figure-curve-answers",
    ]);
    const scores = await page.locator("#results #scores ~ .wide").first().innerText();
    for (const { name, scores: tasks } of ledger.strategies) {
      expect(scores).toContain(name);
      expect(scores).toContain(tasks[0].metrics.loss.value.toFixed(4));
    }
    const rounds = await page.locator("#results #rounds ~ .wide").first().innerText();
    const merged = ledger.strategies
      .flatMap((one) => one.rounds)
      .flatMap(({ cosine, lambda }) => (cosine === null ? [] : [[cosine, lambda]]));
    expect(merged.length).toBeGreaterThan(0);
    for (const [cosine, lambda] of merged) {
      expect(rounds).toContain((cosine as number).toFixed(3));
      expect(rounds).toContain(String(lambda));
    }
    expect(await page.locator("#verdict .verdict").innerText()).toMatch(/gap between one machine alone and vanilla/);
    await close();
  });

  it("draws the losses of the journals, and shows the jobs, bytes and losses of the records", async () => {
    const { page, close } = await open();
    const { strategies, jobs } = readPlan(folder);
    const at = (id: string) => join(runs, "jobs", id);
    for (const { strategy, parts } of strategies) {
      const { lines } = await plotOf(page, strategy.name);
      expect(lines.length).toBe(parts[0].length);
      for (const [worker, { points }] of lines.entries()) {
        const rounds = parts.map((round) => journalOf(at(round[worker].id)));
        const joined = rounds.flatMap((steps, round) => {
          const before = rounds.slice(0, round).reduce((sum, { length }) => sum + length, 0);
          return steps.map(([step, loss]) => [step + before, loss]);
        });
        expect(points).toEqual(joined);
      }
      const cell = page.locator(`#lanes td[id$="${parts[0][0].id}"]`).first();
      expect(await cell.innerText()).toContain(`loss ${journalOf(at(parts[0][0].id)).at(-1)?.[1].toFixed(3)}`);
    }
    for (const { strategy, evaluation } of strategies) {
      const { scores } = ledger.strategies.find(
        ({ name }) => name === strategy.name,
      ) as ReportFacts["strategies"][number];
      const cell = await page.locator(`#lanes td[id$="${evaluation.id}"]`).first().innerText();
      expect(cell).toContain(scores[0].metrics.loss.value.toFixed(4));
    }
    const summary = await page.locator("#summary").innerText();
    const done = jobs.flatMap(({ id }) => readDone({ folder: runs }, id) ?? []);
    const bytes = done.filter(({ pruned }) => pruned !== true).flatMap(({ outputs }) => Object.values(outputs));
    expect(done.length).toBe(jobs.length);
    expect(summary).toContain(`100 %`);
    expect(summary).toContain(`✓ ${jobs.length} done of ${jobs.length} jobs`);
    expect(summary).toContain(`${formatBytes(bytes.reduce((sum, one) => sum + one.bytes, 0))} of outputs`);
    await close();
  });

  it("marks what was overridden in the recipe, and shows the log of a job that is chosen", async () => {
    const { page, close } = await open();
    const marked = (await page.locator("#recipe mark").allInnerTexts()).join("\n");
    for (const key of ["strategies:", "baselines:", "shards: 4"]) expect(marked).toContain(key);
    expect(marked).not.toContain("holdOut");
    const link = page.locator("#jobs a[data-job^='merge-']").first();
    const [id, title] = [await link.getAttribute("data-job"), await link.innerText()];
    await link.click();
    await page.locator("#log h2").waitFor();
    expect(new URL(page.url()).searchParams.get("job")).toBe(id);
    const log = readFileSync(join(runs, "jobs", id as string, "log.txt"), "utf8").trim();
    expect(await page.locator("#log h2").innerText()).toBe(title);
    expect((await page.locator("#log pre.end").innerText()).trim()).toBe(log);
    await page.goBack();
    await page.locator("#log h2").waitFor({ state: "detached" });
    await close();
  });
});
