import { exitCodes } from "../exit-codes.js";

/** A signal that SIGINT or SIGTERM aborts, after `onInterrupt`; a second one ends the process at once. */
export function interruption(onInterrupt: () => void = () => {}): AbortSignal {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    onInterrupt();
    controller.abort();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, interrupt);
  return controller.signal;
}
