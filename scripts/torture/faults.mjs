import { clock } from "./faults/clock.mjs";
import { damage } from "./faults/damage.mjs";
import { brokenDisk, fullDisk } from "./faults/disk.mjs";
import { kill } from "./faults/kill.mjs";
import { stop, stopElsewhere } from "./faults/stop.mjs";
import { together } from "./faults/together.mjs";

/** All faults, by the names of `--faults`. */
export const faults = [kill, fullDisk, brokenDisk, damage, clock, together, stop, stopElsewhere];
