import { stepCost } from "#strata/plan/time.js";
import { interleave } from "../interleave.js";
import { ours } from "../programs.js";
import { startSession, type Session } from "../session.js";
import { sizes } from "../sizes.js";
import { trainingWork, wholeWindow } from "../workloads.js";
import type { Item } from "./item.js";
import { stepComparison } from "./training.js";

/** Time per token of each window over that of the whole step, compared with the cost model; Strata only. */
export const windowsItem: Item = {
  name: "windows-M",
  what: "time per token of windows of 4 layers of M over that of the whole step, compared with the cost model",
  async measure({ options, fastestOwnMode }) {
    const { threads, device } = options;
    const size = sizes.M;
    const whole = wholeWindow(size);
    const windows = [0, 4, 8, 12].map((first) => ({ first, end: first + 4, embeddings: false }));
    const mode = await fastestOwnMode(await stepComparison("M", whole));
    if (mode === null) throw new Error("windows-M: no mode of training works");
    const sessions: Session[] = [];
    try {
      for (const window of [whole, ...windows]) {
        sessions.push(await startSession(ours, { ...(await trainingWork(size, window)), mode, threads, device }));
      }
      const [wholeRate, ...rates] = await interleave(sessions, options.rounds, 2, (round, values) =>
        options.onProgress(
          `windows-M round ${round + 1} of ${options.rounds}: ${values.map((rate) => rate.toPrecision(4)).join(", ")}`,
        ),
      );
      return windows.map((window, i) => {
        const measured = wholeRate / rates[i];
        const expected = stepCost(size.config, window);
        return {
          name: `windows-M-${window.first}-${window.end}`,
          unit: "of whole step",
          ours: measured,
          peer: expected,
          ratio: measured / expected,
          ourMode: mode,
          peerMode: "cost model",
        };
      });
    } finally {
      for (const session of sessions) await session.close();
    }
  },
};
