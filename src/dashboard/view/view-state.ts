/** What a page shows; it is the query of its address, so that a page can be sent as a link. */
export interface ViewState {
  /** The index of a run; null to compare all. */
  readonly run: number | null;
  /** Of the losses, 0 to 0.99: the weight of the past in an exponential mean. */
  readonly smoothing: number;
  /** The job whose log is open; null for none. */
  readonly job: string | null;
  /** The strategy whose curves are shown alone; null for all. */
  readonly strategy: string | null;
  /** When all runs are compared: a panel per strategy with a line per run, or the reverse. */
  readonly by: "strategy" | "run";
}

/** @param runs  how many there are */
export function parseView(query: URLSearchParams, runs: number): ViewState {
  const number = Number(query.get("run") ?? 0);
  const isRun = Number.isSafeInteger(number) && number >= 0 && number < runs;
  const smoothing = Number(query.get("smoothing") ?? 0);
  return {
    run: query.get("run") === "all" && runs > 1 ? null : isRun ? number : 0,
    smoothing: smoothing >= 0 && smoothing < 1 ? smoothing : 0,
    job: query.get("job") || null,
    strategy: query.get("strategy") || null,
    by: query.get("by") === "run" ? "run" : "strategy",
  };
}

/** The query of a page like this one with some changes. */
export function viewQuery(view: ViewState, change: Partial<ViewState> = {}): string {
  const { run, smoothing, job, strategy, by } = { ...view, ...change };
  const query = new URLSearchParams();
  if (run !== 0) query.set("run", run === null ? "all" : String(run));
  if (smoothing !== 0) query.set("smoothing", String(smoothing));
  if (job !== null) query.set("job", job);
  if (strategy !== null) query.set("strategy", strategy);
  if (by !== "strategy") query.set("by", by);
  const text = query.toString();
  return text === "" ? "/" : `/?${text}`;
}
