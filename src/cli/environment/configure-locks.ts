import { StrataError } from "../../errors/strata-error.js";
import { setLeaseExpiry } from "../../files/lease.js";
import { nameHost } from "../../files/writer.js";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The name of this host in locks (STRATA_HOST) and the seconds without a sign of life after which a process on another
 * host is gone (STRATA_LEASE_SECONDS).
 *
 * @throws StrataError unless the seconds are a number of at least 1
 */
export function configureLocks(environment: Environment): void {
  nameHost(environment.STRATA_HOST || null);
  const text = environment.STRATA_LEASE_SECONDS || null;
  if (text === null) return;
  const seconds = Number(text);
  if (!(seconds >= 1)) {
    throw new StrataError("FileError", {
      where: "STRATA_LEASE_SECONDS",
      expected: "seconds, at least 1",
      got: JSON.stringify(text),
      hint: "Unset it for the default of 90 seconds.",
    });
  }
  setLeaseExpiry(seconds);
}
