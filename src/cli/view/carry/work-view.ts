import type { Job } from "../../../jobs/job.js";
import type { JobStatus } from "../../../jobs/executor.js";
import type { JobsState } from "../../../run/execute-runs.js";
import { showDownload, type DownloadView } from "../download-view.js";
import { showProgress, type ProgressView } from "../progress/show-progress.js";

/** Shows the training of parts, one after another: downloads, then the progress with the time left. */
export interface WorkView {
  readonly hubEvents: DownloadView["events"];
  onStart(state: JobsState): void;
  onChange(state: JobsState, job: Job, status: JobStatus): void;
  print(line: string): void;
  /** Ends the progress of a part. */
  end(): void;
  stop(): void;
}

export function showWork(out: NodeJS.WriteStream): WorkView {
  const downloads = showDownload(out);
  let progress: ProgressView | null = null;
  const end = () => {
    downloads.stop();
    progress?.stop();
    progress = null;
  };
  return {
    hubEvents: downloads.events,
    onStart(state) {
      downloads.stop();
      progress = showProgress(state, out);
    },
    onChange(_state, job, status) {
      if (status.state === "done" && !status.reused) progress?.print(`✓ ${job.title}`);
    },
    print: (line) => (progress === null ? void out.write(`${line}\n`) : progress.print(line)),
    end,
    stop: end,
  };
}
