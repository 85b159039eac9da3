import { unsupported, valueError } from "../template-error.js";
import { escapeText } from "../values/escape.js";
import { iterate, tryIterate } from "../values/iterate.js";
import { repr, toText } from "../values/text.js";
import { isTrue, textOf } from "../values/types.js";
import { Dict, Markup, Undefined, type Value } from "../values/value.js";
import { whitespace } from "../values/whitespace.js";
import { requireDict } from "./collection-filters.js";
import { filter, type FilterFunction } from "./filter.js";
import { unpack } from "./unpack.js";

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescape(text: string): string {
  return text.replace(/&(?:#(\d+|[xX][\da-fA-F]+);?|(\w+;?))/g, (entity, code?: string, name?: string) => {
    if (name !== undefined) {
      const char = name.endsWith(";") ? entities[name.slice(0, -1)] : undefined;
      if (char === undefined) throw unsupported(`the filter "striptags" of text with ${entity}`);
      return char;
    }
    const point = Number((code as string).replace(/^[xX]/, "0x"));
    if (point < 32 || (point >= 127 && point < 160) || point > 0xffff)
      throw unsupported(`the filter "striptags" of text with ${entity}`);
    return String.fromCodePoint(point);
  });
}

function stripTags(html: string): string {
  let text = html;
  for (const [open, close] of [
    ["<!--", "-->"],
    ["<", ">"],
  ] as const) {
    for (let start = text.indexOf(open); start !== -1; start = text.indexOf(open)) {
      const end = text.indexOf(close, start);
      if (end === -1) break;
      text = text.slice(0, start) + text.slice(end + close.length);
    }
  }
  return unescape(
    text
      .split(new RegExp(`[${whitespace}]+`))
      .filter((word) => word !== "")
      .join(" "),
  );
}

function xmlAttributes(value: Value, space: boolean): string {
  const parts: string[] = [];
  for (const [key, item] of requireDict(value).items()) {
    if (item === null || item instanceof Undefined) continue;
    if (/[\s/>=]/.test(toText(key))) throw valueError(`Invalid character in attribute name: ${repr(key)}`);
    parts.push(`${escapeText(key)}="${escapeText(item)}"`);
  }
  return (space && parts.length > 0 ? " " : "") + parts.join(" ");
}

function quote(value: Value, inQuery: boolean): string {
  const quoted = encodeURIComponent(toText(value).toWellFormed()).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return inQuery ? quoted.replaceAll("%20", "+") : quoted.replaceAll("%2F", "/");
}

function urlEncode(value: Value): string {
  if (textOf(value) !== null || tryIterate(value) === null) return quote(value, false);
  const pairs = value instanceof Dict ? [...value.items()] : Array.from(iterate(value), (pair) => unpack(pair, 2));
  return pairs.map(([key, item]) => `${quote(key, true)}=${quote(item, true)}`).join("&");
}

const escape = filter("escape", [], (value) => new Markup(escapeText(value)));

export const htmlFilters: Readonly<Record<string, FilterFunction>> = {
  e: escape,
  escape,
  forceescape: filter("forceescape", [], (value) => new Markup(escapeText(toText(value)))),
  safe: filter("safe", [], (value) => new Markup(toText(value))),
  striptags: filter("striptags", [], (value) => stripTags(toText(value))),
  urlencode: filter("urlencode", [], urlEncode),
  xmlattr: filter("xmlattr", [["autospace", true]], (value, [space]) => xmlAttributes(value, isTrue(space))),
};
