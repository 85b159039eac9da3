const format = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d)(?::(\d\d)(?::(\d\d))?)?(?:Z|([+-])(\d\d):?(\d\d)?)?)?$/;

/**
 * A date or time as Arrow recognizes it in JSON, printed as Python prints the `datetime` that it becomes; null for any
 * other text. A time zone is converted to UTC.
 */
export function isoTime(text: string): string | null {
  const match = format.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour = "00", minute = "00", second = "00", sign, zoneHour = "0", zoneMinute = "0"] = match;
  const time = new Date(0);
  time.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  time.setUTCHours(Number(hour), Number(minute), Number(second));
  // An impossible date, such as the 30th of February, becomes another one.
  if (printed(time) !== `${year}-${month}-${day} ${hour}:${minute}:${second}`) return null;
  const offset = (Number(zoneHour) * 60 + Number(zoneMinute)) * 60_000 * (sign === "-" ? -1 : 1);
  return printed(new Date(time.getTime() - offset));
}

function printed(time: Date): string {
  return time.toISOString().slice(0, 19).replace("T", " ");
}
