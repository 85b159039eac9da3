import { StrataError } from "../../errors/strata-error.js";
import type { InstructionSetReport, ProcessorDType } from "../device-kind.js";
import { isPinnable, type Instructions } from "../instructions.js";
import { fastestSet, type FastestSet } from "./fastest-set.js";
import {
  addonSettings,
  loadAddon,
  type LoadedAddon,
  type NativeAddon,
  type NativeInstructionSet,
} from "./native-addon.js";

/** An instruction set by its name; by default with its instructions if this processor has them, else emulated. */
export interface SetChoice {
  readonly name: string;
  readonly emulated?: boolean;
}

/** The set that a recipe names; null for the fastest. */
export function setOf(instructions: Instructions): SetChoice | null {
  return instructions === "auto" ? null : { name: instructions };
}

/** The kernels of an instruction set. */
export interface FoundSet {
  readonly addon: NativeAddon;
  /** In the addon's list. */
  readonly index: number;
  readonly name: string;
  readonly emulated: boolean;
}

export function reportInstructionSets({ instructionSets }: NativeAddon): readonly InstructionSetReport[] {
  return instructionSets.map(({ name, bf16, emulated, available, refusal }) => ({
    name,
    emulated,
    available,
    products: { f32: emulated ? "emulated" : "hardware", bf16: emulated ? "emulated" : meansOf(bf16) },
    reason: available ? null : refusal,
  }));
}

function meansOf(bf16: NativeInstructionSet["bf16"]): "hardware" | "rounding" {
  return bf16 === "rounded" ? "rounding" : "hardware";
}

/**
 * The fastest set of this processor for products of a dtype; null if it has none. Sets that multiply it in different
 * ways are measured.
 */
export function fastestOf(addon: NativeAddon, computeDType: ProcessorDType): FastestSet | null {
  const available = addon.instructionSets.flatMap(({ available }, index) => (available ? [index] : []));
  if (available.length === 0) return null;
  const way = (index: number) => {
    const { bf16 } = addon.instructionSets[index];
    return computeDType === "f32" && bf16 !== "tiles" ? "vectors" : bf16;
  };
  const ways = available.filter((index, at) => available.findIndex((other) => way(other) === way(index)) === at);
  return fastestSet(addon, computeDType, ways, addonSettings().cacheFolder);
}

/**
 * Finds the fastest instruction set, or the chosen one. The addon that emulates is compiled if it is needed.
 *
 * @param computeDType  of the products
 * @throws StrataError if this machine has no addon, or neither has nor emulates the set
 */
export function findInstructionSet(choice: SetChoice | null, computeDType: ProcessorDType = "f32"): FoundSet {
  const addon = requireAddon(loadAddon());
  const fastest = choice === null ? fastestOf(addon, computeDType) : null;
  if (fastest !== null) return foundSet(addon, fastest.index);
  const own = choice?.emulated === true ? null : findIn(addon, choice);
  if (own !== null) return own;
  const others = loadAddon(choice !== null && choice.emulated !== false && isPinnable(choice.name), "strata-emulated");
  const emulated = others.addon !== null && choice?.emulated !== false ? findIn(others.addon, choice) : null;
  if (emulated !== null) return emulated;
  throw notFound(addon, choice, others);
}

function findIn(addon: NativeAddon, choice: SetChoice | null): FoundSet | null {
  const index = addon.instructionSets.findIndex(({ name, available }) => available && name === (choice?.name ?? name));
  return index < 0 ? null : foundSet(addon, index);
}

function foundSet(addon: NativeAddon, index: number): FoundSet {
  const { name, emulated } = addon.instructionSets[index];
  return { addon, index, name, emulated };
}

/** @throws StrataError with the reason if the addon does not exist and cannot be compiled */
export function requireAddon(loaded: LoadedAddon): NativeAddon {
  if (loaded.addon !== null) return loaded.addon;
  throw new StrataError("DeviceError", {
    where: "cpu device",
    expected: "its compiled addon",
    got: loaded.reason,
    hint:
      "Install a C++ compiler (apt-get install g++; macOS: xcode-select --install) and run this again: it compiles " +
      "the addon, once. Or use the reference device, which is slow.",
  });
}

function notFound(addon: NativeAddon, choice: SetChoice | null, others: LoadedAddon): StrataError {
  const reports = reportInstructionSets(addon);
  return new StrataError("DeviceError", {
    where: `cpu device instruction set ${choice?.name ?? "auto"}`,
    expected: `one of ${reports.flatMap(({ name, available }) => (available ? [name] : [])).join(", ")}`,
    got: choice === null ? "a processor without any" : whyNot(choice.name, reports, others),
    hint: "Omit it to use the fastest.",
  });
}

function whyNot(name: string, reports: readonly InstructionSetReport[], others: LoadedAddon): string {
  const reason = reports.find((report) => report.name === name)?.reason;
  if (reason) return others.addon === null ? `${reason}, and ${others.reason} to emulate it` : reason;
  return isPinnable(name) ? `neither it nor its emulation on ${process.arch}` : "an unknown name";
}
