import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Device } from "../../src/device/kernels.js";
import { deviceReport, openDevice } from "../../src/device/open-device.js";
import { generate } from "../../src/model/generate.js";
import { decodeLlama2c, importLlama2c, readLlama2cVocabulary } from "../../src/model/llama2c.js";
import { openModelFolder } from "../../src/model/model-folder.js";
import { loadModel } from "../../src/model/model.js";
import { temporaryFolder } from "./pico.js";

const stories = join(import.meta.dirname, "../../../shared/data/models/stories260K");
const isThere = existsSync(join(stories, "stories260K.bin"));

function bestDevice(): Device {
  const native = deviceReport().some(({ name, available }) => name === "native" && available);
  return openDevice(native ? "native" : "reference", 1);
}

it.skipIf(!isThere)("stories260K prints what llama2.c prints (needs stories260K.bin beside the repository)", async () => {
  const folder = temporaryFolder();
  const config = await importLlama2c(join(stories, "stories260K.bin"), folder);
  expect(config).toMatchObject({ width: 64, layers: 5, queryHeads: 8, keyValueHeads: 4, vocabularySize: 512, tiedHead: true });
  const model = loadModel(bestDevice(), openModelFolder(folder), null);
  const options = { maximumTokens: 200, temperature: 0, seed: 0, stop: () => false };
  const [ids] = await generate(model, [[1]], options);
  const text = decodeLlama2c(readLlama2cVocabulary(join(stories, "tok512.bin")), ids);
  expect(text).toBe(readFileSync(join(stories, "greedy-200.txt"), "utf8"));
});
