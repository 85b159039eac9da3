import { InvalidArgumentError } from "commander";

/** Parses the value of a flag that may be given without one. @throws InvalidArgumentError */
export function onOrOff(text: string): boolean {
  if (/^(true|1|yes|on)$/i.test(text)) return true;
  if (/^(false|0|no|off)$/i.test(text)) return false;
  throw new InvalidArgumentError("Expected true or false.");
}
