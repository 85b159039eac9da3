import { Option, type Command } from "commander";
import { computeDTypes } from "../../device/kernels.js";
import { bosChoices } from "../../tokenizer/bos.js";
import { collect } from "../options/collect.js";
import { deviceOption, parseDevice } from "../options/device-option.js";
import { examples } from "../options/examples.js";
import { numberFrom, wholeNumber } from "../options/number-option.js";
import { onOrOff } from "../options/on-or-off.js";
import { jsonOption } from "../options/output-options.js";

export function registerEval(program: Command): void {
  program
    .command("eval")
    .description("score a model on tasks as lm-evaluation-harness does; resumes an interrupted evaluation")
    .option(
      "--model <folder>",
      "Hugging Face folder, or ID, hf:ID or hf:ID@REVISION of the hub; repeatable",
      collect,
      [],
    )
    .option("--tasks <names>", "tasks, groups, tags or task files, separated by commas; `list` lists them")
    .option("--num_fewshot <n>", "examples in each prompt (default: the task's own number)", wholeNumber(0))
    .option("--limit <n>", "only the first documents of each task: a number, or a share below 1", numberFrom(0))
    .option("--output_path <folder>", "where results and samples are written")
    .option("--log_samples", "write what each document got", false)
    .option(
      "--data <task=path>",
      "documents of a task: a folder with a file a split, or one file; repeatable",
      collect,
      [],
    )
    .option("--include_path <folder>", "folder of task files; repeatable", collect, [])
    .option("--apply_chat_template", "write prompts as conversations with the model's chat template", false)
    .option("--fewshot_as_multiturn [flag]", "true or false: examples are turns of the conversation", onOrOff, true)
    .option("--system_instruction <text>", "text at the start of each prompt")
    .option("--compare <results...>", "compare two results files, or folders with them, item by item; scores nothing")
    .option("--batch_size <n>", "accepted and not used: batches follow from the requests")
    .option("--threads <n>", "number of threads (default: all)", wholeNumber(1))
    .addOption(deviceOption())
    .addOption(new Option("--dtype <type>", "operand type of matrix products").choices(computeDTypes).default("bf16"))
    .addOption(
      new Option("--bos <when>", "put BOS in front of texts; auto: as the tokenizer's files say")
        .choices(bosChoices)
        .default("auto"),
    )
    .addOption(jsonOption())
    .addHelpText(
      "after",
      examples(
        "strata eval --model my-model --tasks arc_easy,gsm8k --limit 200 --output_path results --log_samples",
        "strata eval --compare results/base results/my-model",
      ),
    )
    .action(async (options, command) => {
      const device = await parseDevice(command);
      await (await import("../actions/eval/eval-command.js")).evalCommand({ ...options, device });
    });
}
