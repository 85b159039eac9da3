/** @returns why the library cannot be compiled here, or null */
export function faultyDiskSkipReason(): string | null;

/** Compiles the library into a folder. @returns its path */
export function compileFaultyDisk(folder: string): string;

/** A disk on which one call on files below `store` fails, and after ENOSPC all that need space; see the source. */
export function faultyDisk(
  library: string,
  control: string,
  store: string,
  fault: { readonly call: string; readonly number: number; readonly error: "EIO" | "ENOSPC" },
): {
  readonly environment: Readonly<Record<string, string>>;
  calls(): Record<string, number>;
  failures(): Record<string, number>;
};
