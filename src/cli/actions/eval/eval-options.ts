import type { DeviceName } from "../../../device/devices.js";
import type { ComputeDType } from "../../../device/kernels.js";
import type { BosChoice } from "../../../tokenizer/bos.js";

/** Names as in lm-evaluation-harness. */
export interface EvalCommandOptions {
  readonly model: readonly string[];
  readonly tasks?: string;
  readonly num_fewshot?: number;
  readonly limit?: number;
  readonly output_path?: string;
  readonly log_samples: boolean;
  readonly data: readonly string[];
  /** Two results files, or folders with them. */
  readonly compare?: readonly string[];
  readonly include_path: readonly string[];
  readonly apply_chat_template: boolean;
  readonly fewshot_as_multiturn: boolean;
  readonly system_instruction?: string;
  readonly threads?: number;
  readonly device: DeviceName;
  readonly dtype: ComputeDType;
  readonly bos: BosChoice;
  readonly json: boolean;
}
