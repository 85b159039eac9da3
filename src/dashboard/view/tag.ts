import { escapeXml } from "../../report/figures/svg.js";

/** HTML that needs no more escaping. */
export interface Markup {
  readonly html: string;
}

type Child = Markup | string | number | null | false;

const isVoid = new Set(["input", "br", "meta", "link"]);

/**
 * An element. Text is escaped; nothing else can get into the page unescaped.
 *
 * @param attributes  null and false leave one out; true writes it without a value
 */
export function tag(
  name: string,
  attributes: Readonly<Record<string, string | number | boolean | null>>,
  ...children: readonly (Child | readonly Child[])[]
): Markup {
  const written = Object.entries(attributes).flatMap(([key, value]) => {
    if (value === null || value === false) return [];
    return [value === true ? ` ${key}` : ` ${key}="${escapeXml(String(value))}"`];
  });
  const start = `<${name}${written.join("")}>`;
  return { html: isVoid.has(name) ? start : `${start}${join(children.flat()).html}</${name}>` };
}

export function join(children: readonly Child[]): Markup {
  return {
    html: children
      .map((child) => {
        if (child === null || child === false) return "";
        return typeof child === "object" ? child.html : escapeXml(String(child));
      })
      .join(""),
  };
}

/** HTML or SVG that other modules made, with their text escaped. */
export function markup(html: string): Markup {
  return { html };
}
