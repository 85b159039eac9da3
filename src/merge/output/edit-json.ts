/** Where a member's value is in the text of an object. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** Tokens of JSON; everything but strings and brackets is skipped. */
const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/** The values of the members of the object that starts at the text's first brace. */
function memberSpans(text: string): { members: ReadonlyMap<string, Span>; end: number } {
  const members = new Map<string, Span>();
  let depth = 0;
  let key: string | null = null;
  let start = -1;
  for (const { 0: token, index } of text.matchAll(tokens)) {
    const closes = token === "}" || token === "]";
    if (depth === 1 && start >= 0 && (token === "," || token === "}")) {
      if (key !== null) members.set(key, { start, end: text.slice(0, index).trimEnd().length });
      [key, start] = [null, -1];
    } else if (depth === 1 && token === ":" && start < 0)
      start = index + 1 + /^\s*/.exec(text.slice(index + 1))![0].length;
    else if (depth === 1 && start < 0 && token.startsWith('"')) key = JSON.parse(token) as string;
    if (token === "{" || token === "[") depth++;
    if (closes) depth--;
    if (closes && depth === 0) return { members, end: index };
  }
  return { members, end: text.length };
}

/**
 * Replaces members of a JSON object in its text, so that all other values keep their digits; new ones are added at the
 * end. A name with a dot is a member of a member.
 */
export function editJson(text: string, changes: Readonly<Record<string, unknown>>): string {
  return Object.entries(changes).reduce((edited, [name, value]) => setMember(edited, name.split("."), value), text);
}

function setMember(text: string, [name, ...inner]: readonly string[], value: unknown): string {
  const { members, end } = memberSpans(text);
  const span = members.get(name);
  if (span !== undefined) {
    const old = text.slice(span.start, span.end);
    const changed = inner.length === 0 ? JSON.stringify(value) : setMember(old, inner, value);
    return text.slice(0, span.start) + changed + text.slice(span.end);
  }
  const before = text.slice(0, end).trimEnd();
  const comma = members.size === 0 ? "" : ",";
  const content = inner.length === 0 ? value : { [inner.join(".")]: value };
  return `${before}${comma}\n  ${JSON.stringify(name)}: ${JSON.stringify(content)}\n${text.slice(end)}`;
}
