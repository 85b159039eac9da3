import { resolve } from "node:path";
import { quoteShell } from "../../text/quote-shell.js";
import type { WatchedRun } from "../state/watched-run.js";
import { tag, type Markup } from "./tag.js";

/** The recipe with every value, and which of them the command line gave. */
export function recipeMarkup({ recipeText, origin }: WatchedRun): Markup {
  const overridden = (origin?.set ?? []).map((one) => one.slice(0, one.indexOf("=")));
  return tag(
    "div",
    {},
    overridden.length === 0
      ? tag("p", { class: "note" }, "No value was overridden on the command line.")
      : tag(
          "p",
          {},
          "Overridden on the command line: ",
          ...(origin?.set ?? []).flatMap((one) => [tag("code", {}, one), " "]),
        ),
    tag("pre", { class: "recipe", tabindex: 0 }, ...markedLines(recipeText, overridden)),
  );
}

/** The lines of a YAML text; those of overridden keys and what is below them are marked. */
function markedLines(text: string, overridden: readonly string[]): (Markup | string)[] {
  const path: { readonly indent: number; readonly key: string }[] = [];
  return text.split("\n").flatMap((line) => {
    const [, spaces, key] = /^( *)(?:- )?([\w.-]+):/.exec(line) ?? [];
    if (key !== undefined) {
      while (path.length > 0 && (path.at(-1)?.indent ?? 0) >= spaces.length) path.pop();
      path.push({ indent: spaces.length, key });
    }
    const name = path.map((one) => one.key).join(".");
    const isMarked = overridden.some((one) => name === one || name.startsWith(`${one}.`));
    return [isMarked ? tag("mark", {}, line) : line, "\n"];
  });
}

/** The commands that resume, repeat, end and follow the run, each to be copied. */
export function commandsMarkup({ folder, origin }: WatchedRun): Markup {
  const repeat =
    origin === null
      ? null
      : [
          `cd ${quoteShell(origin.directory)} &&`,
          ...[
            "strata",
            "run",
            origin.recipe,
            ...origin.set.flatMap((one) => ["--set", one]),
            ...(origin.runs === null ? [] : ["--runs", origin.runs]),
          ].map(quoteShell),
        ].join(" ");
  const here = (name: string) => `strata ${name} ${quoteShell(resolve(folder))}`;
  const commands: readonly (readonly [string, string | null])[] = [
    ["Resume this run", here("run")],
    ["Start it as it was started", repeat],
    ["Show its state in a terminal", here("status")],
    ["Stop it; it can resume", here("cancel")],
  ];
  return tag(
    "dl",
    { class: "commands" },
    ...commands.flatMap(([name, command]) =>
      command === null
        ? []
        : [
            tag("dt", {}, name),
            tag(
              "dd",
              {},
              tag("code", {}, command),
              " ",
              tag("button", { type: "button", "data-copy": command }, "Copy"),
            ),
          ],
    ),
  );
}
