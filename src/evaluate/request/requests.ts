/** A sequence of tokens that is scored independently of all others. */
export interface Request {
  /** At most T tokens. */
  readonly inputs: readonly number[];
  /** The targets of the last `predicted.length` inputs, in order. Never empty. */
  readonly predicted: readonly number[];
}

/**
 * Divides a document into windows of T inputs that predict every token once. The context of a window starts with the
 * token before its first target. The last window has fewer targets and is filled with context on the left.
 *
 * @param prefix  the token from which the first token of the document is predicted
 * @param from    index of the first target; the tokens before it are only context
 */
export function documentRequests(tokens: readonly number[], prefix: number, T: number, from = 0): Request[] {
  const inputs = [prefix, ...tokens.slice(0, -1)];
  const requests: Request[] = [];
  for (let start = from; start < tokens.length; start += T) {
    const end = Math.min(start + T, tokens.length);
    requests.push({ inputs: inputs.slice(Math.max(0, end - T), end), predicted: tokens.slice(start, end) });
  }
  return requests;
}

/** Predicts a continuation from its context, which is truncated on the left to leave at most T inputs. */
export function continuationRequest(context: readonly number[], continuation: readonly number[], T: number): Request {
  return { inputs: [...context, ...continuation].slice(-(T + 1), -1), predicted: continuation };
}
