import { Option, type Command } from "commander";
import { deviceOption, parseDevice } from "../options/device-option.js";
import { computeDTypes } from "../../device/kernels.js";
import { bosChoices } from "../../tokenizer/bos.js";
import { examples } from "../options/examples.js";
import { numberFrom, wholeNumber } from "../options/number-option.js";
import { jsonOption } from "../options/output-options.js";

export function registerGenerate(program: Command): void {
  program
    .command("generate")
    .description("continue a prompt with a model")
    .requiredOption("--model <folder>", "Hugging Face folder, or hf:ID or hf:ID@REVISION from the hub")
    .requiredOption("--prompt <text>", "text to continue")
    .option("--max-tokens <n>", "largest number of new tokens", wholeNumber(1), 128)
    .option("--temperature <t>", "0 always takes the most likely token", numberFrom(0), 0)
    .option("--seed <n>", "random seed for temperatures above 0", wholeNumber(0), 1)
    .option("--threads <n>", "number of threads (default: all)", wholeNumber(1))
    .addOption(deviceOption())
    .addOption(new Option("--dtype <type>", "operand type of matrix products").choices(computeDTypes).default("bf16"))
    .addOption(
      new Option("--bos <when>", "put BOS in front of the prompt; auto: as the tokenizer's files say")
        .choices(bosChoices)
        .default("auto"),
    )
    .addOption(jsonOption())
    .addHelpText("after", examples('strata generate --model my-model --prompt "Once upon a time" --temperature 0.8'))
    .action(async (options, command) => {
      const device = await parseDevice(command);
      await (await import("../actions/model/generate-command.js")).generateCommand({ ...options, device });
    });
}
