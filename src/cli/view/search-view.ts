import type { RunState } from "../../run/execute-runs.js";
import { formatShare } from "../../report/numbers.js";
import type { SearchOptions } from "../../search/search-recipe.js";
import { valuesText } from "../../search/space.js";
import { methodText, rungsText } from "../../search/winner.js";
import { formatSeconds } from "../../text/format-seconds.js";
import { showDownload, type DownloadView } from "./download-view.js";
import { valueText } from "./leaderboard-text.js";
import { showProgress, type ProgressView } from "./progress/show-progress.js";

export interface SearchView {
  readonly hubEvents: DownloadView["events"];
  readonly events: Required<Pick<SearchOptions, "onStart" | "onCandidate" | "onPlan" | "onChange">>;
  print(line: string): void;
  stop(): void;
}

/** Shows a search: what it tries, the progress of the candidates that run, and a line for each that has finished. */
export function showSearch(out: NodeJS.WriteStream): SearchView {
  const downloads = showDownload(out);
  let progress: ProgressView | null = null;
  const print = (line: string) => (progress ? progress.print(line) : void out.write(`${line}\n`));
  return {
    hubEvents: downloads.events,
    events: {
      onStart(recipe, search, objective) {
        downloads.stop();
        out.write(`${recipe.name}: ${methodText(search)}; objective ${objective.label}\n`);
        if (search.baseline) out.write(`Vanilla first${rungsText("vanilla", search)}\n`);
        if (search.values) out.write(`Strategies${rungsText("strategies", search)}\n`);
      },
      onPlan(state: RunState) {
        progress?.stop();
        progress = showProgress(state, out);
      },
      onChange(_state, job, { state, failure }) {
        if (state === "failed") print(`✗ ${job.title}: ${failure ?? ""}`);
      },
      onCandidate(candidate, { done, total, secondsLeft }) {
        progress?.stop();
        progress = null;
        const { id, values, share, result } = candidate;
        const count = total === null ? `${done}` : `${done}/${total}`;
        const left = secondsLeft === null ? [] : [`about ${formatSeconds(secondsLeft)} left`];
        const gap = result === null || result.gapClosed === null ? [] : [`gap closed ${formatShare(result.gapClosed)}`];
        const part = share === 1 ? [] : [`${formatShare(share)} of the training`];
        const facts = [valueText(candidate), ...gap, ...part].join(", ");
        out.write(
          `${result === null ? "✗" : "✓"} ${id}: ${facts} (${valuesText(values)}); ${[count, ...left].join(", ")}\n`,
        );
      },
    },
    print,
    stop() {
      downloads.stop();
      progress?.stop();
    },
  };
}
