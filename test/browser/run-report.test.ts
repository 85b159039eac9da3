import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { printPdf } from "../../src/cli/actions/run/print-pdf.js";
import { readText } from "../../src/files/read-text.js";
import { shownColumns } from "../../src/report/columns.js";
import type { ReportFacts } from "../../src/report/facts.js";
import { formatDuration, formatValue } from "../../src/report/numbers.js";
import { writeSmallRecipe } from "../run/small-recipe.js";
import { strata } from "../run/strata.js";
import { temporaryFolder } from "../temporary-folder.js";
import { browserSkipReason, openBrowser, openPage, skippedNote } from "./browser.js";

/** A value of a table: its group and heading, the name of its row, its text and standard error. */
interface Value {
  readonly column: string;
  readonly row: string;
  readonly text: string;
  readonly error: string;
}

/** The values of all blocks of a table. */
function valuesOf(page: Page, title: string): Promise<Value[]> {
  return page.evaluate((name) => {
    const isOfTable = (label: string) => label === name || label.startsWith(`${name}, `);
    const regions = [...document.querySelectorAll("[role=region]")].filter((region) =>
      isOfTable(region.getAttribute("aria-label") ?? ""),
    );
    return regions.flatMap((region) => {
      const [groupRow, headingRow] = region.querySelectorAll<HTMLTableRowElement>("thead tr");
      const groups = [...groupRow.cells].flatMap((cell) =>
        Array.from({ length: cell.colSpan }, () => cell.textContent ?? ""),
      );
      const columns = [...headingRow.cells].map((cell, i) => `${groups[i]}: ${cell.textContent}`);
      return [...region.querySelectorAll<HTMLTableRowElement>("tbody tr")].flatMap((row) =>
        [...row.cells].map((cell, i) => {
          const error = cell.querySelector("small")?.textContent ?? "";
          const text = (cell.textContent ?? "").slice(0, -error.length || undefined).trim();
          return { column: columns[i], row: row.cells[0].textContent ?? "", text, error };
        }),
      );
    });
  }, title);
}

const reason = browserSkipReason();

describe.skipIf(reason !== null)(`the report of a run in a browser${skippedNote()}`, () => {
  const folder = temporaryFolder();
  const run = `${folder}/runs/pico`;
  beforeAll(async () => {
    const ended = await strata(["run", writeSmallRecipe(folder), "--runs", `${folder}/runs`, "--quiet"]);
    expect(ended).toMatchObject({ code: 0 });
  }, 240_000);

  test("has the scores, standard errors and durations of its ledger.json, each once, and no other", async () => {
    const browser = await openBrowser();
    const { page, errors, foreignRequests } = await openPage(browser, pathToFileURL(`${run}/report.html`).href);
    const facts = JSON.parse(readText(`${run}/ledger.json`)) as ReportFacts;
    const isShown = new Set(shownColumns(facts).map(({ task, metric }) => `${task} ${metric}`));
    const recorded = facts.strategies.flatMap(({ name, scores }) =>
      scores.flatMap(({ task, metrics }) =>
        Object.entries(metrics)
          .filter(([metric]) => isShown.has(`${task} ${metric}`))
          .map(
            ([, { value, standardError }]) => `${name} ${task} ${formatValue(value)} ±${formatValue(standardError!)}`,
          ),
      ),
    );
    const values = await valuesOf(page, "Scores");
    const shown = values
      .filter(({ column }) => /[↑↓]$/.test(column))
      .map(({ column, row, text, error }) => `${row} ${column.split(":")[0]} ${text} ${error}`);
    expect(shown.toSorted()).toEqual(recorded.toSorted());
    expect(shown).toHaveLength(3 * facts.strategies.length);
    const durations = values.filter(({ column }) => column === ": Duration").map(({ row, text }) => [row, text]);
    expect(durations).toEqual(facts.strategies.map(({ name, seconds }) => [name, formatDuration(seconds)]));
    expect([errors, foreignRequests()]).toEqual([[], []]);
    await browser.close();
  });

  test("is printed by `report --pdf` to a PDF of some pages, in its folder or where an option says", async () => {
    const given = `${folder}/new/mine.pdf`;
    const calls = [
      ["--pdf", run],
      [run, "--pdf", given],
    ];
    for (const [index, file] of [`${run}/report.pdf`, given].entries()) {
      const printed = await strata(["report", ...calls[index]]);
      expect(printed).toMatchObject({ code: 0, err: "" });
      expect(printed.out).toContain(`Report: ${run}/report.html\nPDF: ${file}\n`);
      const pdf = readFileSync(file).toString("latin1");
      expect(pdf.slice(0, 5)).toBe("%PDF-");
      const pages = Number(/\/Type \/Pages\s*\/Count (\d+)/.exec(pdf)?.[1]);
      expect(pages).toBeGreaterThan(3);
      expect(pages).toBeLessThan(30);
      expect(pdf.length).toBeGreaterThan(50_000);
      expect(pdf.length).toBeLessThan(3_000_000);
      // Links to files beside the report would be paths of this machine.
      expect(pdf).not.toContain("file://");
      expect(readdirSync(file.replace(/\/[^/]*$/, "")).filter((name) => name.endsWith(".partial"))).toEqual([]);
    }
  });
});

describe("printing a PDF", () => {
  const folder = temporaryFolder();
  const page = `${folder}/report.html`;
  const file = `${folder}/report.pdf`;
  const { signal } = new AbortController();
  const program = (name: string, script: string) => {
    const path = `${folder}/${name}`;
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  };
  const hint = "STRATA_CHROMIUM may name another Chromium or Chrome. Any browser can also print report.html.";

  test("without Chromium names what was looked for and what to install", async () => {
    const withoutPath = await strata(["report", folder, "--pdf"], undefined, { STRATA_CHROMIUM: "", PATH: "" });
    const isMac = process.platform === "darwin";
    if (!isMac)
      expect(withoutPath).toMatchObject({
        code: 1,
        out: "",
        err:
          "ReportError: PATH — expected Chromium, as one of chromium, chromium-browser, google-chrome, " +
          "google-chrome-stable, got none of them.\n  Install it (Debian, Ubuntu: `apt install chromium`), or set " +
          "STRATA_CHROMIUM to the path of Chromium or Chrome. Any browser can also print report.html.\n",
      });
    const named = await strata(["report", folder, "--pdf"], undefined, { STRATA_CHROMIUM: "no-such-browser" });
    expect(named.err).toContain(
      "ReportError: STRATA_CHROMIUM — expected the program of Chromium, got no-such-browser, which is not an " +
        "executable file.",
    );
  });

  test("that fails, writes something else or does not end says so, and leaves the earlier file", async () => {
    const failures: readonly (readonly [string, string])[] = [
      [program("fails", "echo no display >&2; exit 3"), "exit code 3 (no display)"],
      [program("is-killed", "kill -9 $$"), "an end by SIGKILL"],
      [program("writes-nothing", "exit 0"), "a file that is no PDF"],
      [program("hangs", "exec sleep 60"), "no end after 1 s"],
    ];
    writeFileSync(page, "<p>text</p>");
    writeFileSync(file, "earlier");
    for (const [chromium, got] of failures)
      await expect(printPdf(page, file, { chromium, signal, timeoutSeconds: 1 })).rejects.toThrow(
        `${page} — expected a PDF by ${chromium}, got ${got}.\n  ${hint}`,
      );
    expect(readText(file)).toBe("earlier");
    expect(readdirSync(folder).filter((name) => name.endsWith(".partial"))).toEqual([]);
  });

  test("ends at once when it is interrupted", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 200);
    const printing = printPdf(page, file, { chromium: program("waits", "exec sleep 60"), signal: controller.signal });
    await expect(printing).rejects.toMatchObject({ name: "AbortError" });
  });
});
