const format = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d)(?::(\d\d)(?::(\d\d))?)?(?:Z|([+-])(\d\d):?(\d\d)?)?)?$/;

/**
 * A date or time as Arrow recognizes it in JSON, printed as Python prints the `datetime` that it becomes; null for any
 * other text. A time zone is converted to UTC.
 */
export function isoTime(text: string): string | null {
  const match = format.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour = "0", minute = "0", second = "0", sign, zoneHour = "0", zoneMinute = "0"] = match;
  const local = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const printed = new Date(local);
  // An impossible date, such as the 30th of February, becomes another one.
  if (printed.getUTCMonth() + 1 !== Number(month) || printed.getUTCHours() !== Number(hour)) return null;
  if (printed.getUTCMinutes() !== Number(minute) || printed.getUTCSeconds() !== Number(second)) return null;
  const offset = (Number(zoneHour) * 60 + Number(zoneMinute)) * 60_000 * (sign === "-" ? -1 : 1);
  return new Date(local - offset).toISOString().slice(0, 19).replace("T", " ");
}
