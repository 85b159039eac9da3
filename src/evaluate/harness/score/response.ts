import { PythonFloat } from "../../../text/python-float.js";
import { Tuple, type Value } from "../../../text/jinja/values/value.js";

/** What a model gave for one request. */
export type Response =
  | { readonly logLikelihood: number; readonly isGreedy: boolean }
  /** Of a whole text. */
  | { readonly logLikelihood: number }
  | { readonly text: string };

/** A response as upstream holds it. */
export function responseValue(response: Response): Value {
  if ("text" in response) return response.text;
  const logLikelihood = new PythonFloat(response.logLikelihood);
  return "isGreedy" in response ? new Tuple([logLikelihood, response.isGreedy]) : logLikelihood;
}
