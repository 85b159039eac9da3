import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { browserSkipReason, openBrowser, openPage, skippedNote, type WatchedPage } from "../browser/browser.js";
import { writeSmallRecipe } from "../run/small-recipe.js";
import { strata } from "../run/strata.js";
import { temporaryFolder } from "../temporary-folder.js";
import { firstEvent, journalOf, plotOf, serve, type Served } from "./served.js";

const sets = ["strategies=[vanilla, slerp-1]", "baselines=[]"];

describe.skipIf(browserSkipReason() !== null)(`the controls of the page${skippedNote()}`, () => {
  const runs = join(temporaryFolder(), "runs");
  const folder = join(runs, "pico");
  const recipe = writeSmallRecipe(temporaryFolder());
  const command = ["run", recipe, ...sets.flatMap((one) => ["--set", one]), "--runs", runs];
  let browser: Browser;
  let served: Served;
  let watched: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    expect((await strata([...command, "--quiet"])).code).toBe(0);
    served = await serve(folder);
    browser = await openBrowser();
    watched = await openPage(browser, served.address);
    page = watched.page;
    await firstEvent(page);
  });
  afterAll(async () => {
    expect(watched?.errors).toEqual([]);
    await served?.stop();
    await browser?.close();
  });

  const copy = () => page.locator("#commands button").first().click();

  it("copies the command that resumes the run", async () => {
    await page
      .context()
      .grantPermissions(["clipboard-read", "clipboard-write"], { origin: new URL(page.url()).origin });
    await copy();
    await page.getByText("Copied", { exact: true }).waitFor();
    const text = await page.evaluate(() => navigator.clipboard.readText());
    expect(text).toBe(`strata run ${folder}`);
    expect(await strata(text.split(" ").slice(1))).toMatchObject({ code: 0 });
    const repeat = await page.locator("#commands button").nth(1).getAttribute("data-copy");
    const quoted = command.map((word) => (/[[\]]/.test(word) ? `'${word}'` : word)).join(" ");
    expect(repeat).toBe(`cd ${process.cwd()} && strata ${quoted}`);
  });

  it("without the permission to use the clipboard, selects the command for the keyboard", async () => {
    await page.context().clearPermissions();
    await page.evaluate(() => {
      navigator.clipboard.writeText = () => Promise.reject(new Error("not allowed"));
    });
    await copy();
    await page.getByText("Selected: press Ctrl-C").waitFor();
    expect(await page.evaluate(() => getSelection()?.toString())).toBe(`strata run ${folder}`);
  });

  /** The bytes of the file that a click saves. */
  async function saved(selector: string): Promise<{ readonly name: string; readonly bytes: Buffer }> {
    const [download] = await Promise.all([page.waitForEvent("download"), page.locator(selector).first().click()]);
    return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
  }

  it("saves figures as SVG, and as PNG of twice the size", async () => {
    const svg = await saved("#figure-losses .save a");
    expect(svg.name).toBe("losses.svg");
    const [, width, height] = /^<svg[^>]* width="(\d+)" height="(\d+)"/.exec(svg.bytes.toString()) ?? [];
    expect(svg.bytes.toString()).toContain("slerp-1");
    const png = await saved("#figure-losses .save button");
    expect(png.name).toBe("losses.png");
    expect(png.bytes.subarray(0, 8).toString("latin1")).toBe("\x89PNG\r\n\x1a\n");
    expect([png.bytes.readUInt32BE(16), png.bytes.readUInt32BE(20)]).toEqual([2 * Number(width), 2 * Number(height)]);
    const scores = await saved("#figure-scores .save button");
    expect([scores.name, scores.bytes.length > 3000]).toEqual(["scores.png", true]);
  });

  it("saves tables as the CSV files of the report, and all jobs as one", async () => {
    const scores = await saved("#results a[href$='scores.csv']");
    expect(scores.name).toBe("scores.csv");
    expect(scores.bytes).toEqual(readFileSync(join(folder, "tables/scores.csv")));
    const lines = (await saved("#jobs a[href$='jobs.csv']")).bytes.toString().trimEnd().split("\r\n");
    const jobs = JSON.parse(readFileSync(join(folder, "jobs.json"), "utf8")) as { id: string }[];
    expect(lines.slice(1).map((line) => line.split(",")[0])).toEqual(jobs.map(({ id }) => id));
  });

  it("is reached by the tabulator in the order of the page, with the focus in sight", async () => {
    await page.goto(served.address);
    await firstEvent(page);
    const expected = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>("a[href],button,select,input,summary,[tabindex='0']")]
        .filter((one) => one.getClientRects().length > 0 && !one.closest("details:not([open]) > :not(summary)"))
        .map((one, index) => (one.dataset.order = String(index))),
    );
    expect(expected.length).toBeGreaterThan(40);
    const reached: (string | undefined)[] = [];
    const invisible: string[] = [];
    for (let i = 0; i < expected.length; i++) {
      await page.keyboard.press("Tab");
      const { order, outline, html } = await page.evaluate(() => {
        const focused = document.activeElement as HTMLElement;
        const { outlineStyle, outlineWidth } = getComputedStyle(focused);
        return { order: focused.dataset.order, outline: `${outlineStyle} ${outlineWidth}`, html: focused.outerHTML };
      });
      reached.push(order);
      if (/^none|^\w+ 0px$/.test(outline)) invisible.push(html.slice(0, 100));
    }
    expect(reached).toEqual(expected);
    expect(invisible).toEqual([]);
  });

  it("shows values of the curves at the arrow keys and at the pointer, and hides them by Escape", async () => {
    const jobs = JSON.parse(readFileSync(join(folder, "plan.json"), "utf8")) as {
      strategies: { parts: string[][] }[];
    };
    const losses = journalOf(join(runs, "jobs", jobs.strategies[0].parts[0][0]));
    await firstEvent(page);
    const panel = page.locator('#losses svg[aria-label$="of vanilla"]');
    const values = page.locator("#values");
    await panel.focus();
    await page.keyboard.press("ArrowRight");
    const first = await values.innerText();
    for (let i = 0; i < 10; i++) await page.keyboard.press("ArrowRight");
    const [, step, loss] = /step\s*(\d+)\s+([\d.]+)/.exec((await values.innerText()).replace(/\s+/g, " ")) ?? [];
    expect(first).not.toBe(await values.innerText());
    expect(losses.find(([at]) => at === Number(step))?.[1].toFixed(4)).toBe(loss);
    expect(await panel.locator(".cursor").count()).toBe(1);
    await page.keyboard.press("Escape");
    expect(await values.isHidden()).toBe(true);
    await panel.hover();
    expect(await values.innerText()).toMatch(/part 1\s+step \d+\s+\d\.\d{4}/);
    await page.mouse.move(2, 2);
  });

  it("smooths, shows one strategy and keeps the choice in the address", async () => {
    const { lines: raw } = await plotOf(page, "vanilla");
    await page.locator("[name=smoothing]").fill("0.9");
    await page.locator("[name=strategy]").selectOption("vanilla");
    await expect.poll(() => page.locator("#losses svg[data-plot]").count()).toBe(1);
    const { lines } = await plotOf(page, "vanilla");
    const spread = (points: (typeof lines)[0]["points"]) =>
      points.slice(1).reduce((sum, [, y], i) => sum + Math.abs(y - points[i][1]), 0);
    expect(spread(lines[0].points)).toBeLessThan(spread(raw[0].points));
    expect(new URL(page.url()).search).toBe("?smoothing=0.9&strategy=vanilla");
    await page.reload();
    expect(await page.locator("#losses svg[data-plot]").count()).toBe(1);
    expect(await page.locator("[name=smoothing]").inputValue()).toBe("0.9");
  });

  it("keeps the chosen colors in the browser", async () => {
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await page.locator("#theme").selectOption("dark");
    const dark = await ground();
    expect(dark).not.toBe(light);
    await page.reload();
    expect(await ground()).toBe(dark);
  });
});
