import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { StrataError } from "../../errors/strata-error.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** Looked for in the folders of PATH, in this order. */
export const chromiumNames = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"] as const;

/** Where macOS installs them. */
const applications = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/**
 * The program of Chromium or Chrome: what STRATA_CHROMIUM names, a path or a name in PATH, else the first that is
 * installed.
 *
 * @throws StrataError if there is none
 */
export function findChromium(environment: Environment): string {
  const named = environment.STRATA_CHROMIUM || null;
  const found = locateChromium(environment);
  if (found !== null) return found;
  throw new StrataError("ReportError", {
    where: named === null ? "PATH" : "STRATA_CHROMIUM",
    expected: named === null ? `Chromium, as one of ${chromiumNames.join(", ")}` : "the program of Chromium",
    got: named === null ? "none of them" : `${named}, which is not an executable file`,
    hint:
      "Install it (Debian, Ubuntu: `apt install chromium`), or set STRATA_CHROMIUM to the path of Chromium or " +
      "Chrome. Any browser can also print report.html.",
  });
}

/** As `findChromium`; null if there is none. */
export function locateChromium(environment: Environment): string | null {
  const named = environment.STRATA_CHROMIUM || null;
  const folders = (environment.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const inPath = (name: string) => folders.map((folder) => join(folder, name));
  const candidates =
    named === null
      ? [...chromiumNames.flatMap(inPath), ...applications]
      : named.includes("/")
        ? [named]
        : inPath(named);
  return candidates.find(isProgram) ?? null;
}

function isProgram(path: string): boolean {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
