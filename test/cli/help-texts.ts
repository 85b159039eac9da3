import { strata } from "../run/strata.js";

/** The commands that a help text lists under `Commands:`, each indented by two spaces. */
function listedCommands(help: string): string[] {
  const list = /^Commands:\n((?: .*\n)+)/m.exec(help)?.[1] ?? "";
  const names = [...list.matchAll(/^ {2}([a-z][\w-]*)/gm)].map(([, name]) => name);
  return names.filter((name) => name !== "help");
}

/** The help of the program and of all its commands, keyed by the words that call them: "", "export", "export hf". */
export async function helpTexts(words: readonly string[] = []): Promise<Map<string, string>> {
  const { code, out, err } = await strata([...words, "--help"]);
  if (code !== 0 || err !== "") throw new Error(`strata ${words.join(" ")} --help: exit code ${code}\n${err}`);
  const found = new Map([[words.join(" "), out]]);
  const below = await Promise.all(listedCommands(out).map((name) => helpTexts([...words, name])));
  for (const texts of below) for (const [name, text] of texts) found.set(name, text);
  return found;
}
