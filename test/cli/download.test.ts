import type { ChildProcess } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { startHub, type HubServer } from "../hub/hub-server.js";
import { bytes, commitOf, names } from "../hub/served.js";
import { strata } from "../run/strata.js";
import { temporaryFolder } from "../temporary-folder.js";

let hub: HubServer;
let home: string;
const files = { "config.json": Buffer.from("{}"), "model.safetensors": bytes(500_000, 1) };

beforeAll(async () => {
  hub = await startHub();
  hub.revisions.set("models/org/llama@main", { commit: commitOf("a"), files });
  hub.revisions.set("datasets/org/data@v1", { commit: commitOf("b"), files: { "train.jsonl": Buffer.from("{}\n") } });
});
afterAll(() => hub.close());
beforeEach(() => {
  home = temporaryFolder();
  hub.asked.length = 0;
  hub.fault = () => undefined;
});

const download = (args: readonly string[], meanwhile?: Parameters<typeof strata>[1]) =>
  strata(["download", ...args], meanwhile, { HF_HOME: home, HF_ENDPOINT: hub.endpoint });
const arrived = () =>
  names(home).some(
    (name) => name.endsWith(".incomplete") && statSync(join(home, name), { throwIfNoEntry: false })?.size === 200_000,
  );
const snapshot = () => join(home, "hub/models--org--llama/snapshots", commitOf("a"));

test("download prints the folder of the files, and then needs no network", async () => {
  expect(await download(["org/llama"])).toEqual({ code: 0, out: `${snapshot()}\n`, err: "" });
  expect(readFileSync(join(snapshot(), "model.safetensors")).equals(files["model.safetensors"])).toBe(true);
  hub.asked.length = 0;
  const { out } = await download(["org/llama", "--offline", "--json"]);
  expect(JSON.parse(out)).toEqual({
    folder: snapshot(),
    commit: commitOf("a"),
    files: ["config.json", "model.safetensors"],
  });
  expect(hub.asked).toEqual([]);
});

test("download accepts data sets, revisions and patterns, and remembers files that do not exist", async () => {
  const { code, out } = await download(["org/data", "--dataset", "--revision", "v1"]);
  expect([code, out]).toEqual([0, `${join(home, "hub/datasets--org--data/snapshots", commitOf("b"))}\n`]);
  await download(["org/llama", "--include", "*.json", "--include", "tokenizer.json", "--exclude", "other*"]);
  expect(readdirSync(snapshot())).toEqual(["config.json"]);
  expect(existsSync(join(home, "hub/models--org--llama/.no_exist", commitOf("a"), "tokenizer.json"))).toBe(true);
  expect(await download(["org/llama", "--include", "*.bin"])).toEqual({
    code: 1,
    out: "",
    err:
      "HubError: model org/llama@main — expected files that match the patterns, got none among 2 files, " +
      "such as config.json, model.safetensors.\n" +
      "  Quote patterns, as in --include '*.json'. To select a folder, write data/.\n",
  });
});

test("a download that was interrupted or killed resumes where it stopped", async () => {
  for (const signal of ["SIGINT", "SIGKILL"] as const) {
    home = temporaryFolder();
    hub.asked.length = 0;
    hub.fault = ({ host }) => (host === "storage" ? { silentAfter: 200_000 } : undefined);
    const { code, err } = await download(["org/llama"], (run) => {
      const timer = setInterval(() => {
        if (!arrived()) return;
        clearInterval(timer);
        run.kill(signal);
      }, 20);
    });
    expect([code, err]).toEqual(
      signal === "SIGINT" ? [130, "Interrupted. Run the same command again to resume the download.\n"] : [null, ""],
    );
    hub.fault = () => undefined;
    expect((await download(["org/llama"])).code).toBe(0);
    expect(hub.asked.some(({ range }) => range === "bytes=200000-")).toBe(true);
    expect(readFileSync(join(snapshot(), "model.safetensors")).equals(files["model.safetensors"])).toBe(true);
  }
});

test("a process that waits for another's download reports it, and resumes it when the other is killed", async () => {
  hub.fault = ({ host }) => (host === "storage" ? { silentAfter: 200_000 } : undefined);
  let first: ChildProcess | null = null;
  const killed = download(["org/llama"], (run) => (first = run));
  await vi.waitUntil(arrived, 20_000);
  const { pid } = first as unknown as ChildProcess;
  hub.fault = () => undefined;
  const second = await download(["org/llama"], (run) => {
    run.stderr?.once("data", () => first?.kill("SIGKILL"));
  });
  const host = hostname().replace(/[^\w-]/g, "_");
  expect(second).toEqual({
    code: 0,
    out: `${snapshot()}\n`,
    err: `waiting for process ${pid} on ${host}, which is downloading model.safetensors\n`,
  });
  expect((await killed).code).toBe(null);
  expect(hub.asked.some(({ range }) => range === "bytes=200000-")).toBe(true);
});
