import { chromium, type Browser, type Page } from "playwright-core";
import { chromiumNames, locateChromium } from "../../src/cli/environment/find-chromium.js";

/** The program that CHROMIUM or STRATA_CHROMIUM names, else the first of the usual names in PATH. */
function programOf({ CHROMIUM, ...environment }: NodeJS.ProcessEnv): string | null {
  return locateChromium({ ...environment, STRATA_CHROMIUM: CHROMIUM || environment.STRATA_CHROMIUM });
}

/** Why tests with a browser cannot run here; null if they can. */
export function browserSkipReason(): string | null {
  return programOf(process.env) === null ? `no Chromium: none of ${chromiumNames.join(", ")} in PATH` : null;
}

/** For the name of a skipped group of tests: " (skipped: no Chromium …)", or "". */
export function skippedNote(): string {
  const reason = browserSkipReason();
  return reason === null ? "" : ` (skipped: ${reason})`;
}

/** Chromium without a window. Close it in `afterAll`. */
export function openBrowser(): Promise<Browser> {
  const executablePath = programOf(process.env) ?? undefined;
  // Tests may run as root and in containers, where the sandbox cannot start.
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"], timeout: 60_000 });
}

export interface PageOptions {
  /** In CSS pixels. */
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: "light" | "dark";
  readonly reducedMotion?: "reduce" | "no-preference";
}

/** A page with everything that it has reported and requested since it was opened. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors of the console, exceptions that no script has caught, and requests that failed. */
  readonly errors: readonly string[];
  /** Addresses of all requests and web sockets. */
  readonly requests: readonly string[];
  /** The requests to other hosts than the page's own; for a page from a file, all that are no file. */
  foreignRequests(): string[];
  close(): Promise<void>;
}

/** Opens an address in a page with a profile of its own; each request to another host is recorded and refused. */
export async function openPage(browser: Browser, address: string, options: PageOptions = {}): Promise<WatchedPage> {
  const { width = 1280, height = 900, colorScheme = "light", reducedMotion = "no-preference" } = options;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, reducedMotion });
  const page = await context.newPage();
  const errors: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => errors.push(`exception: ${error.message}`));
  page.on("requestfailed", (request) => {
    // A page that is left or closed ends its own requests.
    const reason = request.failure()?.errorText ?? "";
    if (reason !== "net::ERR_ABORTED") errors.push(`request: ${request.url()} ${reason}`);
  });
  page.on("request", (request) => requests.push(request.url()));
  page.on("websocket", (socket) => requests.push(socket.url()));
  const own = originOf(address);
  const isForeign = (url: string) => !/^(data|blob|about):/.test(url) && originOf(url) !== own;
  await context.route(isForeignUrl(isForeign), (route) => route.abort());
  await page.goto(address);
  return {
    page,
    errors,
    requests,
    foreignRequests: () => requests.filter(isForeign),
    close: () => context.close(),
  };
}

const isForeignUrl = (isForeign: (url: string) => boolean) => (url: URL) => isForeign(url.href);

/** Host and port; "file" for files. */
function originOf(address: string): string {
  const { protocol, host } = new URL(address);
  return protocol === "file:" ? "file" : host;
}

/**
 * What is wider than the viewport: the page itself if it scrolls sideways, and each element that ends right of the
 * viewport without an ancestor that scrolls or cuts it, as "DIV.wide: 1820 > 390".
 */
export function overflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const { innerWidth: width } = window;
    const scrolled = document.scrollingElement?.scrollWidth ?? 0;
    if (scrolled > width) found.push(`page: ${scrolled} > ${width}`);
    const isContained = (element: Element) => {
      for (let above = element.parentElement; above && above !== document.body; above = above.parentElement)
        if (getComputedStyle(above).overflowX !== "visible") return true;
      return false;
    };
    for (const element of document.body.querySelectorAll("*")) {
      const { right, width: own } = element.getBoundingClientRect();
      if (own === 0 || right <= width + 1 || isContained(element)) continue;
      const name = [element.tagName, ...element.classList].join(".");
      found.push(`${name}: ${Math.ceil(right)} > ${width}`);
    }
    return found;
  });
}

/** Names of the elements that scroll sideways within the page, so that a reader sees only a part of each. */
export function scrolledSideways(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.body.querySelectorAll("*")]
      .filter((element) => ["auto", "scroll"].includes(getComputedStyle(element).overflowX))
      .filter((element) => element.scrollWidth > element.clientWidth)
      .map((element) => element.getAttribute("aria-label") ?? element.tagName),
  );
}

/** Pairs of labels of a figure that overlap, as "gap: alone | slerp-1"; labels that are cut off by their figure too. */
export function touchingLabels(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    for (const figure of document.querySelectorAll("svg[role=img]")) {
      const frame = figure.getBoundingClientRect();
      const labels = [...figure.querySelectorAll("text")].map((one) => ({
        text: one.textContent ?? "",
        box: one.getBoundingClientRect(),
      }));
      const name = figure.getAttribute("aria-label") ?? "";
      for (const [index, { text, box }] of labels.entries()) {
        if (box.left < frame.left - 1 || box.right > frame.right + 1) found.push(`${name}: ${text} is cut off`);
        for (const other of labels.slice(index + 1)) {
          const across = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
          // Boxes of lines below each other overlap where no letter is.
          const down = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
          if (across > 0 && down > box.height / 3) found.push(`${name}: ${text} | ${other.text}`);
        }
      }
    }
    return found;
  });
}
