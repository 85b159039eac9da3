/** A stretch of tokens that is scored on its own: nothing outside it is seen from inside. */
export interface Request {
  /** At most T of them. */
  readonly inputs: readonly number[];
  /** The last so many inputs predict a token each: these, in order. Never empty. */
  readonly predicted: readonly number[];
}

/**
 * Windows over one document in which every token is predicted once: `T` at a time, each with the token before it as its
 * only context, except the last, which is filled up to the left.
 *
 * @param prefix  the input from which the first token is predicted
 * @param from    the first token that is predicted; those before it are context
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

/** A continuation after its context, of which the front is cut off where both are longer than T. */
export function continuationRequest(context: readonly number[], continuation: readonly number[], T: number): Request {
  return { inputs: [...context, ...continuation].slice(-(T + 1), -1), predicted: continuation };
}
