/** A value; booleans are 0 and 1. Text is never a value of a number, but can be evaluated like one. */
export type SettingValue = number | string;

/** One value, or a gradient over the layers of a slice. */
export type ScalarOrGradient = SettingValue | readonly SettingValue[];

export interface ConditionalSetting {
  /** A part of a tensor's name, case-sensitive; null and `*` match all. */
  readonly filter: string | null;
  readonly value: ScalarOrGradient;
}

export type ParameterSetting = ScalarOrGradient | readonly ConditionalSetting[];

export type ParameterSettings = Readonly<Record<string, ParameterSetting>>;

/**
 * The value of a setting for a tensor. Of conditions, the first that matches counts, even if a later one is more
 * specific.
 *
 * @param position  of the tensor's layer in its slice, in [0, 1]
 * @returns null if no condition matches
 * @throws RangeError for an empty gradient
 */
export function evaluateSetting(setting: ParameterSetting, tensor: string, position: number): SettingValue | null {
  if (!isConditional(setting)) return interpolate(setting, position);
  const match = setting.find(({ filter }) => filter === null || filter === "*" || tensor.includes(filter));
  return match === undefined ? null : interpolate(match.value, position);
}

function isConditional(setting: ParameterSetting): setting is readonly ConditionalSetting[] {
  return Array.isArray(setting) && setting.some((entry) => typeof entry === "object");
}

function interpolate(value: ScalarOrGradient, position: number): SettingValue {
  if (typeof value !== "object") return value;
  if (value.length === 0) throw new RangeError("a gradient needs at least one value");
  const scaled = position * (value.length - 1);
  const index = Math.trunc(scaled);
  const [from, to] = [value[index], value[Math.min(value.length - 1, index + 1)]];
  if (typeof from === "string" || typeof to === "string") return from;
  const share = scaled - index;
  return (1 - share) * from + share * to;
}
