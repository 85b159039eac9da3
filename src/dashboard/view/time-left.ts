import type { ListedStatus } from "../../run/run-status.js";
import type { WatchedRun } from "../state/watched-run.js";

/** As a running job says, or, for a training, by the speed of its last steps; null if neither is known. */
export function secondsLeft(run: WatchedRun, { id, state, progress }: ListedStatus): number | null {
  if (state !== "running" || progress === null) return null;
  if (progress.secondsLeft !== undefined) return progress.secondsLeft;
  const tail = run.tail(id);
  if (!tail?.last || tail.tokensPerSecond === null || progress.unit !== "steps") return null;
  const tokensPerStep = tail.last.tokens / tail.last.step;
  return ((progress.total - tail.last.step) * tokensPerStep) / tail.tokensPerSecond;
}
