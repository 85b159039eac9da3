import { chooseMode } from "./choose-mode.js";
import { interleave } from "./interleave.js";
import { ours as ourProgram, type Peer } from "./programs.js";
import { startSession, type Program, type Session } from "./session.js";
import type { TokenizerSources } from "./tokenizer-work.js";
import type { BenchDevice, Work } from "./work.js";

export interface BenchOptions {
  readonly device: BenchDevice;
  readonly threads: number;
  readonly rounds: number;
  /** Null if it is not installed. */
  readonly peer: Peer | null;
  readonly sources: TokenizerSources;
  /** A comparison that has some of these modes tries only them; empty: all modes. */
  readonly modes: readonly string[];
  readonly onProgress: (text: string) => void;
}

export interface Comparison {
  readonly name: string;
  readonly work: Work;
  /** The fastest mode of each side is compared. */
  readonly modes: Readonly<Record<keyof Outcome, readonly string[]>>;
  /** Comparisons with the same key share the search for the fastest modes. */
  readonly key: string;
  /** Minimum duration of a measurement. */
  readonly seconds: number;
  /** Describes how the proofs of both sides differ; null if they agree. */
  readonly disagreement: (ours: Proof, peer: Proof) => string | null;
}

export interface Proof {
  readonly mode: string;
  readonly numbers: readonly number[];
}

export interface Side {
  readonly mode: string;
  /** Units per second: the median of the rounds. */
  readonly rate: number;
  /** Peak resident memory: ours over the whole process, the peer's after warm-up; null if unknown. */
  readonly peakBytes: number | null;
}

/** A side without a working mode is null. */
export interface Outcome {
  readonly ours: Side | null;
  readonly peer: Side | null;
}

export interface Bench {
  readonly options: BenchOptions;
  /** Strata's fastest mode; null if none works. */
  fastestOwnMode(comparison: Comparison): Promise<string | null>;
  /** Measures once per name. */
  compare(comparison: Comparison): Promise<Outcome>;
}

interface Entrant {
  readonly side: keyof Outcome;
  readonly mode: string;
  readonly session: Session;
}

export function createBench(options: BenchOptions): Bench {
  const { device, threads, rounds, peer, onProgress } = options;
  const programs: Readonly<Record<keyof Outcome, Program | null>> = { ours: ourProgram, peer: peer && peer.program };
  const chosen = new Map<string, Promise<string | null>>();
  const modeOf = (side: keyof Outcome, { name, key, work, modes, seconds }: Comparison) => {
    const program = programs[side];
    if (!program) return Promise.resolve(null);
    const progress = (text: string) => onProgress(`${name} ${side}: ${text}`);
    const mode =
      chosen.get(`${side} ${key}`) ??
      chooseMode(
        program,
        work,
        narrow(usable(modes[side], device), options.modes),
        { threads, device },
        seconds,
        progress,
      );
    chosen.set(`${side} ${key}`, mode);
    return mode;
  };
  const enter = async (side: keyof Outcome, comparison: Comparison): Promise<Entrant | null> => {
    const mode = await modeOf(side, comparison);
    const program = programs[side];
    return program && mode !== null
      ? { side, mode, session: await startSession(program, { ...comparison.work, mode, threads, device }) }
      : null;
  };

  const compare = async (comparison: Comparison): Promise<Outcome> => {
    const { name, seconds } = comparison;
    // Both modes are chosen before either side starts: a search must not share memory with the other side.
    for (const side of ["ours", "peer"] as const) await modeOf(side, comparison);
    const entrants: Entrant[] = [];
    try {
      for (const side of ["ours", "peer"] as const) {
        const entrant = await enter(side, comparison);
        if (entrant) entrants.push(entrant);
      }
      requireAgreement(comparison, entrants);
      for (const { side, session } of entrants) if (side === "peer") session.resetPeak();
      const rates = await interleave(
        entrants.map(({ session }) => session),
        rounds,
        seconds,
        (round, values) =>
          onProgress(
            `${name} round ${round + 1} of ${rounds}: ${values.map((rate) => rate.toPrecision(4)).join(" and ")}`,
          ),
      );
      const sideOf = (side: keyof Outcome): Side | null => {
        const i = entrants.findIndex((entrant) => entrant.side === side);
        return i < 0
          ? null
          : { mode: entrants[i].mode, rate: rates[i], peakBytes: entrants[i].session.memory()?.peak ?? null };
      };
      return { ours: sideOf("ours"), peer: sideOf("peer") };
    } finally {
      for (const { session } of entrants) await session.close();
    }
  };
  const outcomes = new Map<string, Promise<Outcome>>();

  return {
    options,
    fastestOwnMode: (comparison) => modeOf("ours", comparison),
    compare(comparison) {
      const outcome = outcomes.get(comparison.name) ?? compare(comparison);
      outcomes.set(comparison.name, outcome);
      return outcome;
    },
  };
}

/** Only GPUs multiply in f16. */
function usable(modes: readonly string[], device: BenchDevice): readonly string[] {
  return device === "webgpu" ? modes : modes.filter((mode) => mode !== "f16");
}

function narrow(modes: readonly string[], wanted: readonly string[]): readonly string[] {
  const kept = modes.filter((mode) => wanted.includes(mode));
  return kept.length > 0 ? kept : modes;
}

function requireAgreement({ name, disagreement }: Comparison, entrants: readonly Entrant[]): void {
  const [first, second] = entrants.map(({ mode, session }) => ({ mode, numbers: session.proof }));
  if (!second) return;
  const difference = disagreement(first, second);
  if (difference !== null) throw new Error(`${name}: both sides must do the same work, but ${difference}`);
}
