/** Null if the work failed because the signal aborted it. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | null> {
  return work.catch((error: unknown) => {
    if (!signal.aborted) throw error;
    return null;
  });
}
