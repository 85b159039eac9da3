/**
 * The fields of one row, as Python's csv module and pandas read them: a field that begins with a quote is quoted up to
 * the next quote that is not doubled; text after that quote belongs to the field, up to the separator; other quotes are
 * characters.
 */
export function fieldsOf(row: string, separator: string): string[] {
  const fields: string[] = [];
  for (let at = 0; at <= row.length; at++) {
    let field = "";
    if (row[at] === '"') {
      for (let isOpen = true; isOpen;) {
        const end = row.indexOf('"', at + 1);
        isOpen = end !== -1 && row[end + 1] === '"';
        field += row.slice(at + 1, isOpen ? end + 1 : end === -1 ? row.length : end);
        at = isOpen ? end + 1 : end === -1 ? row.length : end + 1;
      }
    }
    const next = row.indexOf(separator, at);
    const end = next === -1 ? row.length : next;
    fields.push(field + row.slice(at, end));
    at = end;
  }
  return fields;
}

/**
 * The names of the columns, as pandas chooses them: a second column `text` is `text.1`, and a third column without name
 * is `Unnamed: 2`.
 */
export function columnNames(header: readonly string[]): string[] {
  const names = header.map((name, i) => (name === "" ? `Unnamed: ${i}` : name));
  const isUnnamed = (i: number) => header[i] === "";
  const counts = new Map<string, number>();
  // Columns with a name keep it, even after a column without one that would take it.
  const order = names.map((_, i) => i).sort((a, b) => Number(isUnnamed(a)) - Number(isUnnamed(b)));
  for (const i of order) {
    const written = names[i];
    let count = counts.get(written) ?? 0;
    while (count > 0) {
      counts.set(written, count + 1);
      names[i] = `${written}.${count}`;
      count = names.some((name, j) => j !== i && name === names[i]) ? count + 1 : (counts.get(names[i]) ?? 0);
    }
    counts.set(names[i], count + 1);
  }
  return names;
}
