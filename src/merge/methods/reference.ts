import type { InputRule, MergeMethod, MethodParameter } from "../core/method.js";
import { methodTable } from "./table.js";

/** The table of docs/merging.md: all methods with their inputs, parameters and sources. */
export function methodsReference(): string {
  const rows = methodTable.map((method) => {
    const cells = [
      `[\`${method.name}\`](${address(method)})`,
      `${method.concept} ${method.use}`,
      inputsText(method.inputs),
      parametersText(method),
    ];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  });
  return ["| method | what it does | models | parameters (defaults) |", "| --- | --- | --- | --- |", ...rows].join(
    "\n",
  );
}

function address({ source }: MergeMethod): string {
  return /https?:[^\s,;)]+/.exec(source)?.[0] ?? source;
}

function inputsText({ base, minimum, maximum }: InputRule): string {
  const count =
    minimum === maximum ? `${minimum}` : maximum === Infinity ? `${minimum} or more` : `${minimum} to ${maximum}`;
  if (base === "none") return count;
  return base === "member"
    ? `${count}, one of them the base`
    : `${base === "optional" ? "optional " : ""}base + ${count}`;
}

function parametersText({ parameters, inputParameters }: MergeMethod): string {
  const own = Object.entries(parameters).map(([name, parameter]) => parameterText(name, parameter));
  const each = Object.entries(inputParameters).map(([name, parameter]) => parameterText(name, parameter));
  return [own.join(", "), each.length === 0 ? "" : `of each model: ${each.join(", ")}`].filter(Boolean).join("; ");
}

function parameterText(name: string, { type, default: value }: MethodParameter): string {
  if (value === null) return `\`${name}\` (required)`;
  if (value === undefined) return `\`${name}\``;
  return `\`${name}\` (${type === "boolean" ? value !== 0 : value})`;
}

const [start, end] = ["<!-- methods: npm run reference writes this table -->", "<!-- end of methods -->"];

/** The page with the table between its marks written again. @throws Error if a mark is missing */
export function withMethodsReference(page: string): string {
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`expected the marks ${start} and ${end}`);
  return `${page.slice(0, from + start.length)}\n\n${methodsReference()}\n\n${page.slice(to)}`;
}
