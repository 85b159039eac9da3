/** Runs `work` for all items, at most `limit` concurrently. The first failure aborts the others and is thrown. */
export async function forEachConcurrently<T>(
  items: readonly T[],
  limit: number,
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const controller = new AbortController();
  const end = () => controller.abort(signal.reason);
  if (signal.aborted) end();
  signal.addEventListener("abort", end);
  const waiting = [...items];
  let failure: { readonly error: unknown } | null = null;
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined && failure === null; item = waiting.shift()) {
      try {
        await work(item, controller.signal);
      } catch (error) {
        failure ??= { error };
        controller.abort(error);
      }
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
  signal.removeEventListener("abort", end);
  const { error } = failure ?? { error: null };
  if (failure !== null) throw error;
}
