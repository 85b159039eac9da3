import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { browserSkipReason, openBrowser, openPage, overflow, scrolledSideways, skippedNote } from "./browser.js";

const broken = `<!doctype html><title>broken</title><body style="margin:0">
<div class="long" style="width:900px">too wide</div>
<div style="overflow-x:auto" aria-label="inner"><p style="width:900px">scrolls in its own region</p></div>
<img src="http://other.example/image.png" alt="">
<script>console.error("said"); setTimeout(() => { throw new Error("thrown"); });</script>`;
const sound = `<!doctype html><title>sound</title><link rel="icon" href="data:,"><p>text</p>`;

describe.skipIf(browserSkipReason() !== null)(`the browser of the tests${skippedNote()}`, () => {
  let browser: Browser;
  let server: Server;
  let address = "";
  beforeAll(async () => {
    browser = await openBrowser();
    server = createServer((request, response) => {
      response.setHeader("content-type", "text/html");
      response.end(request.url === "/sound" ? sound : broken);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  test("reports what overflows, what a page logs and throws, and requests to other hosts", async () => {
    const { page, errors, foreignRequests, close } = await openPage(browser, `${address}/broken`, { width: 390 });
    await expect.poll(() => errors.some((text) => text === "exception: thrown")).toBe(true);
    expect(errors).toContain("console: said");
    expect(foreignRequests()).toEqual(["http://other.example/image.png"]);
    expect(await overflow(page)).toEqual(["page: 900 > 390", "DIV.long: 900 > 390"]);
    expect(await scrolledSideways(page)).toEqual(["inner"]);
    await close();
  });

  test("reports nothing for a page without faults", async () => {
    const { page, errors, requests, foreignRequests, close } = await openPage(browser, `${address}/sound`);
    expect([errors, foreignRequests(), await overflow(page), await scrolledSideways(page)]).toEqual([[], [], [], []]);
    expect(requests[0]).toBe(`${address}/sound`);
    await close();
  });
});
