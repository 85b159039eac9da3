import { InvalidArgumentError } from "commander";
import { deviceNames, type DeviceName } from "../../device/devices.js";
import { renamedHint } from "../../device/open-device.js";

/** Parses the name of a device. @throws InvalidArgumentError, which the command line reports with the option's name */
export function deviceName(text: string): DeviceName {
  const name = deviceNames.find((known) => known === text);
  if (name) return name;
  const choices = `Allowed choices are ${deviceNames.join(", ")}.`;
  const renamed = renamedHint(text);
  throw new InvalidArgumentError(renamed ? `${choices} ${renamed}` : choices);
}
