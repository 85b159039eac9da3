import { readdirSync } from "node:fs";
import { linesOf, root } from "../architecture/source-files.js";

/** A command of a page: its words, and whether it is a line to copy or only a mention such as `strata plan`. */
export interface Documented {
  readonly place: string;
  readonly words: readonly string[];
  readonly isLine: boolean;
}

/** What a line of a block without a language begins with where the block shows commands and not output. */
const programs = ["npx", "npm", "strata", "node", "python3", "pip", "git", "apt-get", "sudo", "brew", "docker"];
const shells = ["sh", "bash", "shell", "console"];

const listed = (folder: string, ending: string) =>
  readdirSync(new URL(folder, `file://${root}`))
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}${name}`);

/** The pages whose commands must work. Results are records of what was run then, and stay as they are. */
export const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...listed("docs/", ".md"),
  ...listed("recipes/", ".yaml"),
];

/** Words of a shell line: quotes are taken away, `NAME=value` in front, `$` and comments too. */
export function wordsOf(line: string): string[] {
  const words = [...line.matchAll(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g)].map(([word]) => word);
  const comment = words.findIndex((word) => word.startsWith("#"));
  const kept = comment < 0 ? words : words.slice(0, comment);
  const first = kept.findIndex((word) => word !== "$" && !/^[A-Z_]+=/.test(word));
  return first < 0 ? [] : kept.slice(first).map((word) => word.replace(/'([^']*)'|"([^"]*)"/g, "$1$2"));
}

/** Lines of shell, with those that end in a backslash joined to the next, and split where one command follows another. */
function commandLines(lines: readonly string[], place: string): Documented[] {
  const joined = lines.join("\n").replace(/\\\n\s*/g, "");
  return joined
    .split("\n")
    .flatMap((line) => line.split(/\s(?:&&|\|\||;|\|)\s/))
    .map((line) => ({ place, words: wordsOf(line), isLine: true }))
    .filter(({ words }) => words.length > 0);
}

function fencedCommands(page: string, lines: readonly string[]): Documented[] {
  const found: Documented[] = [];
  for (let at = 0; at < lines.length; at++) {
    const fence = /^\s*```\s*(\w*)/.exec(lines[at]!);
    if (!fence) continue;
    const end = lines.findIndex((line, index) => index > at && /^\s*```\s*$/.test(line));
    if (end < 0) throw new Error(`${page}:${at + 1} opens a block that nothing closes`);
    const block = lines.slice(at + 1, end);
    const isShell = shells.includes(fence[1]!) || (fence[1] === "" && programs.includes(wordsOf(block[0] ?? "")[0]!));
    if (isShell) found.push(...commandLines(block, `${page}:${at + 2}`));
    at = end;
  }
  return found;
}

/** `npx strata …`, `strata plan …`, `npm run …` within a sentence or a table. A code span may go over the end of a line. */
function inlineCommands(page: string, lines: readonly string[]): Documented[] {
  const text = lines.join("\n").replace(/```[^]*?```/g, (block) => block.replace(/[^\n]/g, ""));
  return [...text.matchAll(/`((?:npx |npm |strata )[^`]*)`/g)].flatMap((match) => {
    const place = `${page}:${text.slice(0, match.index).split("\n").length}`;
    const parts = commandLines([match[1]!.replace(/\s+/g, " ")], place);
    return parts.map((part) => ({ ...part, isLine: false }));
  });
}

/** Commands in the comment that a recipe begins with: lines indented by three spaces. */
function headCommands(page: string, lines: readonly string[]): Documented[] {
  const end = lines.findIndex((line) => !line.startsWith("#"));
  const head = lines.slice(0, end).filter((line) => /^# {3,}\S/.test(line));
  return commandLines(
    head.map((line) => line.slice(1).trim()),
    `${page}:1`,
  );
}

export function documentedCommands(page: string): Documented[] {
  const lines = linesOf(page);
  if (page.endsWith(".yaml")) return headCommands(page, lines);
  return [...fencedCommands(page, lines), ...inlineCommands(page, lines)];
}
