import { setHostName } from "../../files/writer.js";

/** STRATA_HOST replaces the host's name, by which machines with a shared folder tell their files apart. */
export function configureHost(environment: Readonly<Record<string, string | undefined>>): void {
  if (environment.STRATA_HOST) setHostName(environment.STRATA_HOST);
}
