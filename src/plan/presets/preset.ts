import type { ExchangeDType } from "../../merge/exchange/formats.js";
import type { StrategyMerge } from "../../merge/settings.js";
import type { Window } from "../../model/config/window.js";
import type { Reads, TrainingOverrides } from "../strategy.js";

/** What a preset depends on. */
export interface PresetContext {
  readonly layers: number;
  /** P: workers, one per shard. */
  readonly workers: number;
  /** Of the recipe's training. */
  readonly batchSize: number;
  readonly learningRate: number;
  /** Null if the amount is given in steps or tokens. */
  readonly epochs: number | null;
}

/** The windows of a round for a model, one per worker. */
export type Windows = (context: PresetContext, round: number) => readonly Window[];

/** A round, or several equal ones, of a strategy; what is missing is as in the strategy. */
export interface RoundTemplate {
  /** Number of such rounds. */
  readonly repeat: number;
  /** Weight of each of them in the amount of training. */
  readonly share: number;
  readonly windows?: Windows;
  readonly merge?: Partial<StrategyMerge>;
  readonly training?: TrainingOverrides;
}

/** A strategy before the model and the number of workers are known. */
export interface StrategyTemplate {
  readonly windows: Windows;
  /** Number of equal rounds, or the rounds. */
  readonly rounds: number | readonly RoundTemplate[];
  /** Of rounds with a single worker; default: `all`. Several workers read their own shards. */
  readonly reads?: Reads;
  readonly rotate?: boolean;
  readonly keepOptimizerState?: boolean;
  readonly amount?: number;
  readonly dataShares?: DataShares;
  readonly exchange?: ExchangeDType;
  /** Default: `defaultMerge`. */
  readonly merge?: Partial<StrategyMerge>;
  readonly training?: TrainingOverrides;
}

/** `cost`: in inverse proportion to the cost of each worker's windows; or weights, one per worker. */
export type DataShares = "equal" | "cost" | readonly number[];

/** A strategy that recipes can name. */
export interface StrategyPreset {
  /** One sentence, for the documentation. */
  readonly description: string;
  /** Number of workers if it is fixed; null for one per shard. */
  readonly workers: number | null;
  readonly template: (context: PresetContext) => StrategyTemplate;
}
