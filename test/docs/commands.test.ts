import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { root } from "../architecture/source-files.js";
import { helpTexts } from "../cli/help-texts.js";
import { strata } from "../run/strata.js";
import { temporaryFolder } from "../temporary-folder.js";
import { rules } from "./command-rules.js";
import { documentedCommands, pages, type Documented } from "./documented-commands.js";

const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> };

/** A run's first words that no help names: it starts its jobs by a command that help does not show. */
const hidden = ["worker"];

/** Without `npx`, which says only where a program is found. */
const documented = pages
  .flatMap(documentedCommands)
  .map(({ words, ...found }) => ({ ...found, words: words[0] === "npx" ? words.slice(1) : words }));

interface Parsed {
  readonly command: string;
  /** Without options and their values. */
  readonly arguments: readonly string[];
  readonly unknownOptions: readonly string[];
}

function parseStrata(words: readonly string[], helps: ReadonlyMap<string, string>): Parsed {
  let length = 0;
  while (length < words.length && helps.has(words.slice(0, length + 1).join(" "))) length++;
  const command = words.slice(0, length).join(" ");
  const help = helps.get(command)!;
  const options = new Map(
    [...help.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)( <[\w=-]+(\.\.\.)?)?/gm)].map(
      ([, name, value, isList]) => [name, { hasValue: value !== undefined, isList: isList !== undefined }] as const,
    ),
  );
  const [given, unknown]: [string[], string[]] = [[], []];
  for (let at = length; at < words.length; at++) {
    const [name, value] = words[at].split("=");
    if (!name.startsWith("-")) given.push(words[at]);
    else if (!options.has(name)) unknown.push(name);
    else {
      const { hasValue, isList } = options.get(name)!;
      if (isList) while (at + 1 < words.length && !words[at + 1].startsWith("-")) at++;
      else if (hasValue && (value === undefined || name === "--set")) at++;
    }
  }
  return { command, arguments: given, unknownOptions: unknown };
}

/** How many arguments a command takes at least and at most, and whether it only holds other commands. */
function usageOf(help: string): { least: number; most: number; isGroup: boolean } {
  const usage = /^Usage: .*$/m.exec(help)![0].replace(" [options]", "");
  const least = [...usage.matchAll(/ <[\w-]+(?:\.\.\.)?>/g)].length;
  const optional = [...usage.matchAll(/ \[(?!command\])[\w-]+\]/g)].length;
  return { least, most: usage.includes("...") ? Infinity : least + optional, isGroup: usage.includes("[command]") };
}

/** What is wrong with a `strata …` of a page, if anything. */
function strataFault({ words, isLine }: Documented, helps: ReadonlyMap<string, string>): string | null {
  const { command, arguments: given, unknownOptions } = parseStrata(words.slice(1), helps);
  const { least, most, isGroup } = usageOf(helps.get(command)!);
  const count = given.length;
  if (isGroup && count > 0) return `there is no command ${given[0]}`;
  if (unknownOptions.length > 0) return `${command} has no option ${unknownOptions.join(", ")}`;
  if (count > most) return `${command} takes ${most} arguments, not ${count}`;
  if (count < least && (isLine || count > 0)) return `${command} needs ${least} arguments, not ${count}`;
  return null;
}

/** A mention such as `strata plan` in a sentence gives nothing of what the command needs, and so cannot be run. */
function isMention({ words, isLine }: Documented, helps: ReadonlyMap<string, string>): boolean {
  if (isLine || words[0] !== "strata") return false;
  const { least, isGroup } = usageOf(helps.get(parseStrata(words.slice(1), helps).command)!);
  const needsOptions = ["strata generate", "strata eval"].includes(words.join(" "));
  return (least > 0 || isGroup || needsOptions) && parseStrata(words.slice(1), helps).arguments.length === 0;
}

/** Files of the checkout that a command names: of these folders, and what follows `-r`. */
function missingFiles(words: readonly string[]): string[] {
  const named = words.filter((word) => /^(recipes|docs|bench|test|src|native|scripts)\/[\w./-]+$/.test(word));
  return named.filter((path) => !existsSync(join(root, path)));
}

const ruleOf = (words: readonly string[]) => rules.find(({ matches }) => matches.test(words.join(" ")));

describe("commands of README, docs and recipes", () => {
  let helps: Map<string, string>;
  beforeAll(async () => void (helps = await helpTexts()));

  test("are found on every kind of page", () => {
    const from = (start: string) => documented.filter(({ place }) => place.startsWith(start)).length;
    expect(from("README.md")).toBeGreaterThan(10);
    expect(from("docs/")).toBeGreaterThan(5);
    expect(from("recipes/")).toBeGreaterThan(3);
  });

  test("exist, with their options, arguments, scripts and files", () => {
    const faults = documented.flatMap((found) => {
      const { words } = found;
      const script = words[0] === "npm" && words[1] === "run" ? words.slice(2).find((word) => word[0] !== "-") : null;
      const faulty = [
        words[0] === "strata" && !hidden.includes(words[1]) ? strataFault(found, helps) : null,
        script !== null && !(String(script) in scripts) ? `package.json has no script ${script}` : null,
        ...missingFiles(words).map((path) => `there is no ${path}`),
      ].filter((fault) => fault !== null);
      return faulty.map((fault) => `${found.place} ${words.join(" ")}: ${fault}`);
    });
    expect(faults).toEqual([]);
  });

  test("that cannot be are found", () => {
    const faultOf = (line: string) => strataFault({ place: "", words: line.split(" "), isLine: true }, helps);
    expect(faultOf("strata rnu recipes/demo.yaml")).toBe("there is no command rnu");
    expect(faultOf("strata export onnx model")).toBe("there is no command onnx");
    expect(faultOf("strata plan recipes/demo.yaml --verbose")).toBe("plan has no option --verbose");
    expect(faultOf("strata plan --set seed=2")).toBe("plan needs 1 arguments, not 0");
    expect(faultOf("strata doctor a")).toBe("doctor takes 0 arguments, not 1");
    expect(faultOf("strata export gguf a b --type q8_0")).toBe(null);
  });

  test("have a rule that runs them or says why not", () => {
    const without = documented.filter((found) => !isMention(found, helps) && !ruleOf(found.words));
    expect(without.map(({ place, words }) => `${place} ${words.join(" ")}`)).toEqual([]);
  });

  test("work, those that are cheap", async () => {
    const cheap = new Map<string, readonly string[]>();
    for (const found of documented)
      if (!isMention(found, helps) && ruleOf(found.words)?.run) cheap.set(found.words.join(" "), found.words);
    expect(cheap.size).toBeGreaterThan(2);
    for (const [line, written] of cheap) {
      const { replace = {}, add = [] } = ruleOf(written)!.run!;
      const folder = temporaryFolder();
      const words = written.map((word) => replace[word] ?? word);
      const args = [...words.slice(1), ...add].map((word) => word.replace("TEMPORARY", folder));
      const { code, out, err } = await strata(args);
      expect({ code, err }, line).toEqual({ code: 0, err: "" });
      expect(out, line).not.toBe("");
    }
  });
});
