import { InvalidArgumentError } from "commander";

/** Parses an integer of at least `min`. @throws InvalidArgumentError, which commander reports with the option's name */
export function wholeNumber(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isSafeInteger(value) && value >= min) return value;
    throw new InvalidArgumentError(`Expected a whole number of at least ${min}.`);
  };
}

/** Parses a finite number of at least `min`. @throws InvalidArgumentError */
export function numberFrom(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isFinite(value) && value >= min) return value;
    throw new InvalidArgumentError(`Expected a number of at least ${min}.`);
  };
}
