import type { JobProgress } from "../../../jobs/job-folder.js";
import { cutInMiddle, cutToWidth, displayWidth } from "../../../text/display-width.js";
import { formatSeconds } from "../../../text/format-seconds.js";
import { progressText } from "./progress-text.js";

export interface RunningJob {
  readonly title: string;
  /** Null until the job has reported something. */
  readonly progress: JobProgress | null;
  readonly secondsLeft: number | null;
}

export interface BlockTerminal {
  readonly columns: number;
  readonly rows: number;
  readonly unicode: boolean;
  readonly colour: boolean;
}

/**
 * The lines of a run on a terminal: the heading, then a bar for each running job, as many as fit, and how many more
 * there are. A line is narrower than the terminal: the last column stays free, where some terminals wrap already.
 */
export function progressBlock(
  heading: string,
  running: readonly RunningJob[],
  terminal: BlockTerminal,
): readonly string[] {
  const { rows, unicode } = terminal;
  const width = terminal.columns - 1;
  const ellipsis = unicode ? "…" : "...";
  const shown = running.slice(0, Math.max(0, rows - 3));
  const more = running.length - shown.length;
  const rest = more > 0 ? [cutToWidth(`${ellipsis} and ${more} more`, width, ellipsis)] : [];
  const lines = [cutToWidth(heading, width, ellipsis), ...jobLines(shown, width, terminal), ...rest];
  return lines.slice(0, Math.max(1, rows));
}

/** The cells behind a title, by their place: amount, note, speed, time left. */
type Cells = readonly [amount: string, note: string, speed: string, left: string];

interface Layout {
  /** Columns of the bar; 0 for none. */
  readonly bar: number;
  /** The cells that are shown. */
  readonly cells: readonly (0 | 1 | 2 | 3)[];
}

/** From the widest on: the first in which titles have `minTitle` columns, or all that they need, is taken. */
const layouts: readonly Layout[] = [
  { bar: 20, cells: [0, 1, 2, 3] },
  { bar: 10, cells: [0, 1, 2, 3] },
  { bar: 10, cells: [0, 1, 3] },
  { bar: 10, cells: [0, 3] },
  { bar: 10, cells: [0] },
  { bar: 6, cells: [] },
  { bar: 0, cells: [] },
];
const minTitle = 20;
const gap = 2;

function jobLines(jobs: readonly RunningJob[], width: number, terminal: BlockTerminal): string[] {
  if (jobs.length === 0) return [];
  const titles = jobs.map(({ title }) => title.replace(/\p{Cc}/gu, " "));
  const rows = jobs.map(cellsOf);
  const widest = (texts: readonly string[]) => Math.max(...texts.map(displayWidth));
  const cellWidths = [0, 1, 2, 3].map((i) => widest(rows.map((cells) => cells[i])));
  const needed = widest(titles);
  const roomIn = ({ bar, cells }: Layout) =>
    [bar, ...cells.map((i) => cellWidths[i])].reduce((room, taken) => room - (taken > 0 ? taken + gap : 0), width);
  const layout = layouts.find((one) => roomIn(one) >= Math.min(needed, minTitle)) ?? layouts[layouts.length - 1];
  const titleWidth = Math.min(needed, roomIn(layout));
  return jobs.map(({ progress }, job) => {
    const title = cutInMiddle(titles[job], titleWidth, terminal.unicode ? "…" : "...");
    const cells = layout.cells
      .filter((i) => cellWidths[i] > 0)
      .map((i) => " ".repeat(cellWidths[i] - displayWidth(rows[job][i])) + rows[job][i]);
    const bar = layout.bar > 0 ? [barText(shareOf(progress), layout.bar, terminal)] : [];
    return [...bar, title + " ".repeat(titleWidth - displayWidth(title)), ...cells].join(" ".repeat(gap)).trimEnd();
  });
}

function cellsOf({ progress, secondsLeft }: RunningJob): Cells {
  if (progress === null) return ["", "", "", ""];
  const { note, tokensPerSecond } = progress;
  const speed = tokensPerSecond === undefined ? "" : `${Math.round(tokensPerSecond)} tokens/s`;
  const left = secondsLeft === null ? "" : `${formatSeconds(secondsLeft)} left`;
  return [progressText(progress), note.replace(/\p{Cc}/gu, " "), speed, left];
}

function shareOf(progress: JobProgress | null): number {
  if (progress === null || progress.total <= 0) return 0;
  return Math.min(1, Math.max(0, progress.done / progress.total));
}

function barText(share: number, width: number, { unicode, colour }: BlockTerminal): string {
  // Only a finished job has a full bar.
  const filled = Math.floor(share * width);
  const [full, empty] = unicode ? ["█", "░"] : ["#", "."];
  const [done, open] = [full.repeat(filled), empty.repeat(width - filled)];
  return colour ? `\x1b[36m${done}\x1b[39m\x1b[2m${open}\x1b[22m` : done + open;
}
