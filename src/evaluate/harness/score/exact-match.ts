import { pythonRegExp } from "../../../text/python-regex.js";
import type { MetricConfig } from "../config/task-config.js";

/** Python's `string.punctuation` and `string.digits`. */
const punctuation = /[!-/:-@[-`{-~]/g;
const digits = /[0-9]/g;

/**
 * `exact_match` with the options of a task: what its expressions match is removed from both texts, one after the other.
 *
 * @throws SyntaxError for an expression that is wrong
 */
export function exactMatcher(options: MetricConfig["options"]): (prediction: string, reference: string) => boolean {
  const ignored = options.get("regexes_to_ignore");
  const expressions = (Array.isArray(ignored) ? ignored : []).map((pattern) => pythonRegExp(String(pattern), "g"));
  const isOn = (key: string) => options.get(key) === true;
  const normalize = (text: string) => {
    let kept = expressions.reduce((rest, expression) => rest.replace(expression, ""), text);
    if (isOn("ignore_case")) kept = kept.toLowerCase();
    if (isOn("ignore_punctuation")) kept = kept.replace(punctuation, "");
    return isOn("ignore_numbers") ? kept.replace(digits, "") : kept;
  };
  return (prediction, reference) => normalize(prediction) === normalize(reference);
}
