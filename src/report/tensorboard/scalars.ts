/** Scalars of one step, each under its tag. */
export interface Scalars {
  /** From 0. */
  readonly step: number;
  /** Unix time, to the millisecond. */
  readonly timestamp: number;
  /** By tag; may be NaN or infinite. */
  readonly values: Readonly<Record<string, number>>;
}

/**
 * One line of metrics.jsonl, without its line break: step, timestamp, then the values. JSON has no numbers that are not
 * finite: they are the texts "NaN", "Infinity" and "-Infinity", which Python's `float` reads.
 */
export function metricsLine({ step, timestamp, values }: Scalars): string {
  return JSON.stringify({ step, timestamp, ...values }, (_, value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  );
}
