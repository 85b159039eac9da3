import { escapeXml } from "../figures/svg.js";
import { tablePath, type Table } from "../tables/table.js";
import { columnBlocks } from "./column-blocks.js";

/**
 * A table with its title, note and link; wide ones as blocks of columns with the same rows.
 *
 * @param address  of its CSV file
 * @param level  of its heading
 */
export function tableHtml(table: Table, address = tablePath(table), level: 2 | 3 = 2): string {
  const { id, title, note, rows, view } = table;
  const text = note === "" ? "" : `\n<p class="note">${escapeXml(note)}</p>`;
  const isFolded = view === "folded";
  const blocks = rows.length === 0 ? [] : columnBlocks(table);
  const grids = blocks.map((block, index) => {
    const name = blocks.length === 1 ? title : `${title}, ${index + 1} of ${blocks.length}`;
    return (
      `<div class="wide${view === "whole" ? "" : " tall"}" tabindex="0" role="region" ` +
      `aria-label="${escapeXml(name)}"><table>${tableRows(block)}</table></div>`
    );
  });
  const link = rows.length === 0 ? "" : savedAs(address, "CSV", `${title} as CSV`);
  const content = [...grids, link].join("\n");
  return isFolded
    ? `<details id="${id}"><summary>${escapeXml(title)}</summary>${text}\n${content}\n</details>`
    : `<h${level} id="${id}">${escapeXml(title)}</h${level}>${text}\n${content}`;
}

/** A line with the link to a file beside the report. */
export function savedAs(path: string, format: string, name: string): string {
  return `<p class="save">Save: <a href="${escapeXml(path)}" aria-label="${escapeXml(name)}">${format}</a></p>`;
}

function tableRows(table: Table): string {
  const { columns, rows } = table;
  const first = columns.map(({ group }, index) => group !== "" && columns[index - 1]?.group !== group);
  const classes = (index: number, best: boolean) => {
    const { numeric } = columns[index];
    const names = { name: index === 0, number: numeric, first: first[index], best };
    const given = Object.entries(names).flatMap(([name, isGiven]) => (isGiven ? [name] : []));
    return given.length > 0 ? ` class="${given.join(" ")}"` : "";
  };
  const headings = columns
    .map(({ heading }, index) => `<th scope="col"${classes(index, false)}>${escapeXml(heading)}</th>`)
    .join("");
  const body = rows.map((row) => {
    const cells = row.map(({ text, error, best }, index) => {
      const content = `${escapeXml(text)}${error && ` <small>${escapeXml(error)}</small>`}`;
      return index === 0
        ? `<th scope="row"${classes(0, false)}><span>${content}</span></th>`
        : `<td${classes(index, best)}>${content}</td>`;
    });
    return `<tr>${cells.join("")}</tr>`;
  });
  const head = `<thead>${groupRow(table)}<tr>${headings}</tr></thead>`;
  return `${head}<tbody>\n${body.join("\n")}\n</tbody>`;
}

function groupRow({ columns }: Table): string {
  if (columns.every(({ group }) => group === "")) return "";
  const cells: string[] = [];
  for (let from = 0; from < columns.length;) {
    const { group } = columns[from];
    let end = from + 1;
    while (end < columns.length && columns[end].group === group) end++;
    cells.push(
      group === ""
        ? `<td colspan="${end - from}"></td>`
        : `<th scope="colgroup" class="group" colspan="${end - from}">${escapeXml(group)}</th>`,
    );
    from = end;
  }
  return `<tr>${cells.join("")}</tr>`;
}
