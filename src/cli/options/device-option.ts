import { Option, type Command } from "commander";
import type { DeviceName } from "../../device/devices.js";

export const deviceOption = () =>
  new Option("--device <name>", "device that computes: auto, or one that `strata doctor` lists").default("auto");

/**
 * The value of `deviceOption`, checked only when a command runs: the table of devices loads all kernels, which help and
 * other commands do not need. An unknown name ends the command with a usage error.
 */
export async function parseDevice(command: Command): Promise<DeviceName> {
  const text: string = command.opts().device;
  const { deviceNames } = await import("../../device/devices.js");
  const name = deviceNames.find((known) => known === text);
  if (name) return name;
  const { renamedHint } = await import("../../device/open-device.js");
  const choices = `Allowed choices are ${deviceNames.join(", ")}.`;
  const hint = [choices, renamedHint(text)].filter((sentence) => sentence !== null).join(" ");
  return command.error(`error: option '--device <name>' argument '${text}' is invalid. ${hint}`);
}
