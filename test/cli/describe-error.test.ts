import { closeSync, openSync, readSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { describeError } from "../../src/cli/view/describe-error.js";

/** As Node creates it for a call on a descriptor. */
const systemError = (code: string, syscall: string) =>
  Object.assign(new Error(`${code}: i/o error, ${syscall}`), { code, syscall, errno: -5 });

function errorOf(act: () => void): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error("expected an error");
}

describe("an error of the system is described without a stack", () => {
  it.each(["EIO", "ENOSPC"])("if it names no file, as %s of a call on an open one does", (code) => {
    const { text, exitCode } = describeError(systemError(code, "read"));
    expect(exitCode).toBe(1);
    expect(text).toMatch(/^FileError: an open file — expected (to|room to) read the file, got .*E[A-Z]+/);
    expect(text).not.toMatch(/\n\s+at /);
  });

  it("if it names its file", () => {
    const { text } = describeError(errorOf(() => openSync("/nowhere/at/all", "r")));
    expect(text).toMatch(
      /^FileError: \/nowhere\/at\/all — expected to open the file, got ENOENT\.\n {2}Check the path/,
    );
  });
});

it("a mistake of the program in its use of a descriptor keeps its stack", () => {
  const descriptor = openSync(import.meta.filename, "r");
  closeSync(descriptor);
  expect(describeError(errorOf(() => readSync(descriptor, Buffer.alloc(1)))).text).toMatch(/^Error: EBADF.*\n\s+at /);
});
