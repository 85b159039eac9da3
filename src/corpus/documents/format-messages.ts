/**
 * Messages as JSON: equal texts are equal conversations. A bigint is written as a string, and a Map, whose keys an
 * object would reorder, as a list of its entries: JSON.stringify knows neither.
 */
export function formatMessages(value: unknown): string {
  return JSON.stringify(value, hasOtherValues(value) ? replaceOther : undefined);
}

function replaceOther(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  return value instanceof Map ? [...value] : value;
}

function hasOtherValues(value: unknown): boolean {
  if (typeof value === "bigint" || value instanceof Map) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(hasOtherValues);
}
