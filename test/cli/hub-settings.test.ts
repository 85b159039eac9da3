import { writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { downloadLine, downloadsText } from "../../src/cli/view/download-view.js";
import { hubSettings } from "../../src/cli/environment/hub-settings.js";
import { temporaryFolder } from "../temporary-folder.js";

test("the hub's cache and token are found as by Hugging Face's own tools", () => {
  const home = temporaryFolder();
  expect(hubSettings({ HF_HOME: home })).toMatchObject({
    endpoint: "https://huggingface.co",
    cacheFolder: join(home, "hub"),
    token: null,
    offline: false,
  });
  writeFileSync(join(home, "token"), " hf_stored\n");
  expect(hubSettings({ HF_HOME: home }).token).toBe("hf_stored");
  expect(hubSettings({ HF_HOME: home, HF_TOKEN: "hf_given\n" }).token).toBe("hf_given");
  expect(hubSettings({ HF_HOME: home, HF_TOKEN: "hf_given", HF_HUB_DISABLE_IMPLICIT_TOKEN: "1" }).token).toBe(null);
  expect(hubSettings({ HF_TOKEN_PATH: join(home, "token"), HF_HUB_CACHE: "~/cache" })).toMatchObject({
    cacheFolder: join(homedir(), "cache"),
    token: "hf_stored",
  });
  expect(hubSettings({ XDG_CACHE_HOME: home }).cacheFolder).toBe(join(home, "huggingface/hub"));
  expect(hubSettings({ HF_HOME: "", HF_TOKEN_PATH: "/nowhere" }).cacheFolder).toBe(
    join(homedir(), ".cache/huggingface/hub"),
  );
});

test("offline is a flag or a variable; the endpoint needs no slash", () => {
  const offline = ["1", "true", "YES", "on", "0", ""].map((value) => hubSettings({ HF_HUB_OFFLINE: value }).offline);
  expect(offline).toEqual([true, true, true, true, false, false]);
  expect(hubSettings({}, true).offline).toBe(true);
  expect(hubSettings({ HF_ENDPOINT: "http://mirror:8080/" }).endpoint).toBe("http://mirror:8080");
});

test("proxies are chosen as by curl: lowercase first, ALL_PROXY as the fallback, http:// optional", () => {
  expect(hubSettings({ NO_PROXY: "x" }).proxies).toBe(null);
  expect(hubSettings({ HTTPS_PROXY: "" }).proxies).toBe(null);
  expect(hubSettings({ HTTPS_PROXY: "http://a:1", https_proxy: "b:2", NO_PROXY: "x" }).proxies).toEqual({
    http: null,
    https: "http://b:2",
    except: "x",
  });
  expect(hubSettings({ HTTP_PROXY: "https://me:p@a:1", all_proxy: "b:2", no_proxy: "y,z" }).proxies).toEqual({
    http: "https://me:p@a:1",
    https: "http://b:2",
    except: "y,z",
  });
});

test("the size of a download is shown in total and per repository", () => {
  const model = { name: "model meta-llama/Llama-3.2-1B@main", files: 7, bytes: 2_480_723_456 };
  expect(downloadsText([model, { name: "data set openai/gsm8k@main", files: 1, bytes: 2_306_545 }])).toBe(
    "to download: 8 files, 2.5 GB\n  model meta-llama/Llama-3.2-1B@main: 7 files, 2.5 GB\n" +
      "  data set openai/gsm8k@main: 1 file, 2.3 MB",
  );
});

test("the progress line of a download shows its speed and the remaining time", () => {
  expect(downloadLine(1_250_000_000, 2_471_645_608, 1_000_000_000, 20)).toBe(
    "downloading 1.3 GB of 2.5 GB  50.0 MB/s, about 24 s left",
  );
  expect(downloadLine(0, 3e6, 0, 0)).toBe("downloading 0.0 MB of 3.0 MB  estimating");
});
