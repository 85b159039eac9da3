const perSecond = { MILLIS: 1_000n, MICROS: 1_000_000n, NANOS: 1_000_000_000n };
const secondsPerDay = 86_400n;

export type TimeUnit = keyof typeof perSecond;

/** A date as Python prints it: `2024-02-29`. @param days  since 1970 */
export function formatDate(days: number | bigint): string {
  return civilDate(BigInt(days));
}

/** A time of day as Python prints it: `09:05:00`, `09:05:00.000123`. */
export function formatTime(value: number | bigint, unit: TimeUnit): string {
  const ticks = BigInt(value);
  return clock(ticks / perSecond[unit]) + fraction(ticks % perSecond[unit], unit);
}

/**
 * A time as Python prints it: `2024-02-29 09:05:00`, in UTC with `+00:00` after it.
 *
 * @param value  since 1970
 */
export function formatTimestamp(value: number | bigint, unit: TimeUnit, isUtc: boolean): string {
  const ticks = BigInt(value);
  const seconds = floorDivide(ticks, perSecond[unit]);
  const days = floorDivide(seconds, secondsPerDay);
  const time = clock(seconds - days * secondsPerDay) + fraction(ticks - seconds * perSecond[unit], unit);
  return `${civilDate(days)} ${time}${isUtc ? "+00:00" : ""}`;
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

/** @see https://howardhinnant.github.io/date_algorithms.html#civil_from_days */
function civilDate(days: bigint): string {
  const shifted = days + 719_468n;
  const era = floorDivide(shifted, 146_097n);
  const dayOfEra = shifted - era * 146_097n;
  const yearOfEra = (dayOfEra - dayOfEra / 1460n + dayOfEra / 36_524n - dayOfEra / 146_096n) / 365n;
  const dayOfYear = dayOfEra - (365n * yearOfEra + yearOfEra / 4n - yearOfEra / 100n);
  const shiftedMonth = (5n * dayOfYear + 2n) / 153n;
  const day = dayOfYear - (153n * shiftedMonth + 2n) / 5n + 1n;
  const month = shiftedMonth < 10n ? shiftedMonth + 3n : shiftedMonth - 9n;
  const year = yearOfEra + era * 400n + (month <= 2n ? 1n : 0n);
  return `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}`;
}

function clock(seconds: bigint): string {
  return [seconds / 3600n, (seconds / 60n) % 60n, seconds % 60n].map((part) => padded(part, 2)).join(":");
}

/** Six digits, nine if nanoseconds need them, none if the fraction is zero. */
function fraction(ticks: bigint, unit: TimeUnit): string {
  const nanoseconds = ticks * (perSecond.NANOS / perSecond[unit]);
  if (nanoseconds === 0n) return "";
  return nanoseconds % 1000n === 0n ? `.${padded(nanoseconds / 1000n, 6)}` : `.${padded(nanoseconds, 9)}`;
}

function padded(value: bigint, width: number): string {
  return String(value).padStart(width, "0");
}
