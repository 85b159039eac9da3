import { describe, expect, test } from "vitest";
import { strata } from "../run/strata.js";

describe("wrong arguments are reported with what was expected, and exit code 2", () => {
  const generate = ["generate", "--model", "nowhere", "--prompt", "a"];
  test.each([
    [
      [...generate, "--max-tokens", "many"],
      "error: option '--max-tokens <n>' argument 'many' is invalid. Expected a whole number of at least 1.\n",
    ],
    [
      [...generate, "--threads", "0"],
      "error: option '--threads <n>' argument '0' is invalid. Expected a whole number of at least 1.\n",
    ],
    [
      [...generate, "--temperature", "-1"],
      "error: option '--temperature <t>' argument '-1' is invalid. Expected a number of at least 0.\n",
    ],
    [
      [...generate, "--device", "gpu"],
      "error: option '--device <name>' argument 'gpu' is invalid. Allowed choices are auto, cpu, webgpu, reference.\n",
    ],
    [
      [...generate, "--device", "native"],
      "error: option '--device <name>' argument 'native' is invalid. Allowed choices are auto, cpu, webgpu, " +
        'reference. "native" was renamed to "cpu".\n',
    ],
    [["generate", "--prompt", "a"], "error: required option '--model <folder>' not specified\n"],
    [["reprot", "recipes/demo.yaml"], "error: unknown command 'reprot'\n(Did you mean report?)\n"],
    [["run", "recipes/demo.yaml", "--quite"], "error: unknown option '--quite'\n(Did you mean --quiet?)\n"],
    [["export", "gguf", "model"], "error: missing required argument 'file'\n"],
    [
      ["export", "gguf", "model", "model.gguf", "--type", "q4_0"],
      "error: option '--type <type>' argument 'q4_0' is invalid. Allowed choices are f32, f16, bf16, q8_0.\n",
    ],
    [["export", "hf", "model"], "error: missing required argument 'folder'\n"],
    [
      ["export", "gguf", "recipes/demo.yaml", "vanilla", "model.gguf", "more"],
      "error: too many arguments for 'gguf'. Expected 2 or 3 but got 4.\n",
    ],
    [
      ["export", "hf", "recipes/demo.yaml", "folder"],
      "error: missing argument 'strategy': recipes/demo.yaml is a run; name one of its strategies, or base\n",
    ],
    [
      ["export", "gguf", "test/golden/gguf/untied", "vanilla", "model.gguf"],
      "error: too many arguments for 'gguf': test/golden/gguf/untied is a model, which has no strategies\n",
    ],
    [["run"], "error: missing required argument 'recipe'\n"],
    [
      ["run", "nowhere.yaml"],
      "RecipeError: nowhere.yaml — expected a recipe file, got no such file.\n" +
        "  See recipes/ for recipes to start from.\n",
    ],
  ])("%j", async (arguments_, err) => {
    expect(await strata(arguments_)).toEqual({ code: 2, out: "", err });
  });
});

test("help lists every command except the one that only runs start", async () => {
  const { code, out } = await strata(["--help"]);
  expect(code).toBe(0);
  for (const command of ["run", "plan", "report", "download", "doctor", "generate", "import", "export"])
    expect(out).toMatch(new RegExp(`^  ${command} `, "m"));
  expect(out).not.toMatch(/^ {2}job /m);
});

test("a closed pipe is not an error", async () => {
  const ended = await strata(["plan", "recipes/demo.yaml", "--json"], ({ stdout }) => stdout?.destroy());
  expect(ended).toEqual({ code: 0, out: "", err: "" });
});
