import { issueAt, valueAt, type Issue } from "../errors/issue.js";

/** Only graphics adapters multiply in f16. */
export function deviceIssues(recipe: unknown): Issue[] {
  const dtype = valueAt(recipe, ["dtype"]);
  if (dtype !== "f16" || valueAt(recipe, ["machine", "device"]) !== "cpu") return [];
  const hint = "Use `machine.device: webgpu` or `auto`, or `dtype: bf16`, which needs no scaling of the loss.";
  return [issueAt(["dtype"], "bf16 or f32 with `machine.device: cpu`", dtype, hint)];
}
