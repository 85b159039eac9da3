import { existsSync, readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import type { Plot } from "../../src/report/figures/figure.js";
import { strata } from "../run/strata.js";

/** A dashboard as a process of its own. */
export interface Served {
  readonly address: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** @param args  of `strata dashboard`; without `--port`, any free one */
export function serve(...args: readonly string[]): Promise<Served> {
  const port = args.includes("--port") ? [] : ["--port", "0"];
  return new Promise((resolve, reject) => {
    let text = "";
    const ended = strata(["dashboard", ...args, ...port], (child) => {
      child.stdout?.on("data", (piece) => {
        text += String(piece);
        const address = /^http\S+$/m.exec(text)?.[0];
        const stop = async () => {
          child.kill("SIGINT");
          await ended;
        };
        if (address !== undefined && text.endsWith("\n")) resolve({ address, pid: child.pid as number, stop });
      });
    });
    void ended.then(({ err }) => reject(new Error(err)));
  });
}

/** Waits for the first event of a page, which draws every region again. */
export async function firstEvent(page: Page): Promise<void> {
  await page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const region = document.querySelector("#runs");
        if (region === null || region.getAttribute("data-drawn") !== null) return resolve();
        const drawn = new MutationObserver(() => {
          region.setAttribute("data-drawn", "");
          drawn.disconnect();
          resolve();
        });
        drawn.observe(region, { childList: true });
        setTimeout(resolve, 5000);
      }),
  );
}

/** What the panel of a strategy shows at the pointer. */
export async function plotOf(page: Page, name: string): Promise<Plot> {
  const panel = page.locator(`#losses svg[data-plot][aria-label$="of ${name}"]`);
  return JSON.parse((await panel.getAttribute("data-plot")) as string) as Plot;
}

/** The steps and losses that a training has recorded. */
export function journalOf(folder: string): [step: number, loss: number][] {
  const path = `${folder}/journal.jsonl`;
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => {
    const { step, loss } = JSON.parse(line) as { step: number; loss: number };
    return [step, loss];
  });
}

/** Of a process, in seconds and MiB; Linux only. */
export function processCosts(pid: number): { readonly cpuSeconds: number; readonly peakMemory: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  const peak = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100, peakMemory: Number(peak) / 1024 };
}
