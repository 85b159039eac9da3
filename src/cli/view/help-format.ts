import { Help, type Command, type Option } from "commander";

const usual = new Help();

/** How commander's help differs here. */
export const helpFormat = {
  /** Without the defaults of flags (`false`) and of repeatable options (`[]`). */
  optionDescription(option: Option): string {
    const { defaultValue } = option;
    const isTrivial = defaultValue === false || (Array.isArray(defaultValue) && defaultValue.length === 0);
    return isTrivial ? option.description : usual.optionDescription(option);
  },
  /** With the command's own usage, which may name an optional argument: `hf [options] <source> [strategy] <folder>`. */
  subcommandTerm(command: Command): string {
    return command.commands.length > 0 ? usual.subcommandTerm(command) : `${command.name()} ${command.usage()}`;
  },
};
