import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ReportFacts } from "../../src/report/facts.js";
import { reportFigures } from "../../src/report/figures/figures.js";
import { writeSeedsReport } from "../../src/report/seeds/write-seeds-report.js";
import { writeReport } from "../../src/report/write-report.js";
import { fixture, fixtureWithAlone, scores } from "../report/fixture.js";
import { temporaryFolder } from "../temporary-folder.js";
import {
  browserSkipReason,
  openBrowser,
  openPage,
  overflow,
  scrolledSideways,
  skippedNote,
  touchingLabels,
} from "./browser.js";

/** Names of images that have an area on the page, after everything folded is opened. */
async function shownFigures(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    for (const details of document.querySelectorAll("details")) details.open = true;
    return [...document.querySelectorAll("svg[role=img]")]
      .filter((image) => image.getBoundingClientRect().width > 200 && image.querySelector("path,line,circle"))
      .map((image) => image.getAttribute("aria-label") ?? "");
  });
}

function runsOfSeeds(): ReportFacts[] {
  return [1, 2, 3].map((seed) => {
    const facts = fixtureWithAlone();
    const strategies = facts.strategies.map((strategy, i) => ({
      ...strategy,
      scores: i === 0 ? strategy.scores : scores([0, 1, 0.7][i] ?? 0.3 + i / 20 + seed / 100, seed / 9),
    }));
    return { ...facts, seed, strategies };
  });
}

const reason = browserSkipReason();

describe.skipIf(reason !== null)(`the report in a browser${skippedNote()}`, () => {
  const folder = temporaryFolder();
  const longName = "a-strategy-whose-name-has-no-end-and-no-space".repeat(3);
  const alone = fixtureWithAlone();
  const named = fixture();
  const pages: Readonly<Record<string, string>> = {
    "of three alone": writeReport(`${folder}/alone`, { ...alone, paper: true }).html,
    "of long names": writeReport(`${folder}/long`, {
      ...named,
      name: longName,
      machine: longName,
      strategies: named.strategies.map((one, i) => (i === 4 ? { ...one, name: longName } : one)),
    }).html,
    "of seeds": writeSeedsReport(`${folder}/seeds`, { name: "many", runs: runsOfSeeds() }).html,
  };
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());
  const open = (path: string, width: number, colorScheme: "light" | "dark" = "light") =>
    openPage(browser, pathToFileURL(path).href, { width, colorScheme });

  for (const [name, path] of Object.entries(pages)) {
    for (const width of [1280, 390, 360])
      for (const colorScheme of ["light", "dark"] as const)
        test(`${name} fits ${width} pixels, ${colorScheme}, without an error and without another host`, async () => {
          const watched = await open(path, width, colorScheme);
          expect(await overflow(watched.page)).toEqual([]);
          await shownFigures(watched.page);
          expect(await overflow(watched.page)).toEqual([]);
          expect(await touchingLabels(watched.page)).toEqual([]);
          if (width === 1280) expect(await scrolledSideways(watched.page)).toEqual([]);
          expect(watched.errors).toEqual([]);
          expect(watched.requests).toEqual([pathToFileURL(path).href]);
          const ground = await watched.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
          expect(ground).toBe(colorScheme === "light" ? "rgb(255, 255, 255)" : "rgb(21, 24, 28)");
          await watched.close();
        });
  }

  test("every panel of every figure is drawn under its name", async () => {
    const { page, close } = await open(pages["of three alone"], 390);
    const names = reportFigures({ ...alone, paper: true }).flatMap(({ panels }) => panels.map(({ title }) => title));
    expect(await shownFigures(page)).toEqual(names);
    expect(names.length).toBeGreaterThan(60);
    await close();
  });

  test("on a narrow screen a wide table scrolls in its own region, below a shadow, beside the names", async () => {
    const { page, close } = await open(pages["of three alone"], 390);
    const region = page.getByRole("region", { name: "Scores, 1 of" });
    const name = region.getByRole("rowheader", { name: "slerp-4" });
    expect(await region.evaluate((element) => getComputedStyle(element).backgroundImage)).toContain("linear-gradient");
    const before = await name.boundingBox();
    await region.evaluate((element) => element.scrollTo({ left: 10_000 }));
    expect((await name.boundingBox())?.x).toBe(before?.x);
    expect(await overflow(page)).toEqual([]);
    await close();
  });

  test("the links beside figures and tables open the files beside the report", async () => {
    const { page, errors, close } = await open(pages["of seeds"], 1280);
    await page.getByRole("link", { name: "Seeds and their mean as SVG" }).click();
    expect(page.url()).toBe(pathToFileURL(`${folder}/seeds/figures/seeds.svg`).href);
    expect(await page.evaluate(() => document.documentElement.tagName)).toBe("svg");
    expect(errors).toEqual([]);
    await close();
    const tables = await open(pages["of three alone"], 1280);
    const link = tables.page.getByRole("link", { name: "Scores as CSV" });
    expect(await link.evaluate((element) => (element as HTMLAnchorElement).href)).toBe(
      pathToFileURL(`${folder}/alone/tables/scores.csv`).href,
    );
    await tables.close();
  });
});
