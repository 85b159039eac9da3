const two = (value: number) => String(value).padStart(2, "0");

/** Durations from here on are shown without tenths: `119.9 s`, then `2 min 00 s`. */
const tenthsBelow = 119.95;

/**
 * A duration as text: `42 s`, `3 min 05 s`, `2 h 07 min`.
 *
 * @param tenths  more digits, for durations that are compared: `83.1 s`, `0.42 s`
 */
export function formatSeconds(seconds: number, tenths = false): string {
  if (tenths && seconds < tenthsBelow) return `${seconds.toFixed(seconds < 1 ? 2 : 1)} s`;
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}
