import { Dict } from "../../../text/jinja/values/value.js";
import { maxTokensNames } from "../score/generation-settings.js";
import type { TaskConfig } from "./task-config.js";

/** The task with another maximum length of its answers, in tokens. A task without answers is as it was. */
export function withGenerationLimit(config: TaskConfig, maxTokens: number): TaskConfig {
  if (config.generation === null) return config;
  const others = [...config.generation.items()].filter(([key]) => !maxTokensNames.includes(String(key)));
  return { ...config, generation: new Dict([...others, [maxTokensNames[0], maxTokens]]) };
}
