import { compileFaultyDisk, faultyDisk, faultyDiskSkipReason } from "../faulty-disk.mjs";
import { newStore, startRun } from "../lab.mjs";
import { lost, settle } from "../settle.mjs";

const [minute, hour, day] = [60, 3600, 86_400];
const jumps = [minute, -minute, hour, -hour, 3 * day, -3 * day];

/** The time of day jumps during a run, in all its processes at once; the clock of the files' times does not. */
export async function tryClock(lab, random, most = 4) {
  lab.library ??= compileFaultyDisk(lab.folder);
  const store = newStore(lab);
  const disk = faultyDisk(lab.library, `${store}-control`, store);
  const run = startRun(lab, store, disk.environment);
  const made = [];
  for (let offset = 0; made.length < most && !(await run.endsWithin(random.between(0.05, 0.4) * lab.seconds));) {
    const jump = random.pick(jumps);
    disk.setClock((offset += jump));
    made.push(`${jump > 0 ? "+" : ""}${jump} s`);
  }
  const { code, err, hung } = await run.ended;
  const hits = made.length;
  const detail = `jumps of ${made.join(", ")}`;
  if (hung || code !== 0) return { store, hits, ...lost(`${detail}: ${hung ? "it hangs" : err}`) };
  const result = await settle(lab, store);
  return { store, hits, ...result, detail: `${detail}. ${result.detail}` };
}

export const clock = {
  name: "clock",
  title: "clock jump of a minute, an hour or three days",
  count: 24,
  skipReason: faultyDiskSkipReason,
  run: tryClock,
};
