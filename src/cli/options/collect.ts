/** Collects the values of a repeatable option. */
export const collect = (value: string, previous: readonly string[]): string[] => [...previous, value];
