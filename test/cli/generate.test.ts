import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startHub, type HubServer } from "../hub/hub-server.js";
import { commitOf } from "../hub/served.js";
import { strata } from "../run/strata.js";
import { temporaryFolder } from "../temporary-folder.js";

const model = join(import.meta.dirname, "../golden/gguf/untied");
let hub: HubServer;

beforeAll(async () => {
  hub = await startHub();
  const files = Object.fromEntries(readdirSync(model).map((name) => [name, readFileSync(join(model, name))]));
  hub.revisions.set("models/org/pico@main", { commit: commitOf("a"), files });
});
afterAll(() => hub.close());

test("generate accepts a model of the hub or its folder, and does not need the network twice", async () => {
  const home = temporaryFolder();
  const generate = (name: string, environment: Readonly<Record<string, string>> = {}) =>
    strata(["generate", "--model", name, "--prompt", "One two", "--max-tokens", "8"], undefined, {
      HF_HOME: home,
      HF_ENDPOINT: hub.endpoint,
      ...environment,
    });
  const here = await generate(model);
  expect([here.code, here.err]).toEqual([0, ""]);
  expect(here.out).toMatch(/^One two.+\n$/s);
  expect(await generate("hf:org/pico")).toEqual(here);
  hub.asked.length = 0;
  expect(await generate("hf:org/pico", { HF_HUB_OFFLINE: "1" })).toEqual(here);
  expect(hub.asked).toEqual([]);
});
