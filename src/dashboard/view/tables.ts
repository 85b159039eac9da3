import { tableHtml } from "../../report/page/table-html.js";
import type { Table } from "../../report/tables/table.js";
import { markup, tag, type Markup } from "./tag.js";

/** @param address  of the table as a CSV file */
export function tableMarkup(table: Table, address: string): Markup {
  return tag("section", { class: "table" }, markup(tableHtml(table, address, 3)));
}
