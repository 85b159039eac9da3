import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * Takes a job's folder for this process, waiting while another living process has it (a second run of the same recipe, or
 * what a killed run left behind). Returns how to give it back.
 */
export async function lockJob(folder: string, onWait: (pid: number) => void): Promise<() => void> {
  const path = join(folder, "lock");
  let told = false;
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: "wx" });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = existsSync(path) ? Number(readFileSync(path, "utf8")) : 0;
    if (holder === 0 || !isAlive(holder)) rmSync(path, { force: true });
    else {
      if (!told) onWait(holder);
      told = true;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
