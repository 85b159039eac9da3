// A private Slurm of one node in a folder: munged, slurmctld and slurmd as children of this process, as root or as an
// ordinary user, on free ports. Several can run at once, next to a Slurm of the system. `skipReason` says why not.
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, openSync, closeSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { hostname } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { writeClusterFiles } from "./cluster-config.mjs";

const defaults = { cpus: 8, gpus: 4, memoryMegabytes: 4000, killWaitSeconds: 5 };
const clients = ["sbatch", "squeue", "scancel", "scontrol", "sinfo"];
const daemons = ["munged", "slurmctld", "slurmd"];
/** A Unix socket's path has at most 107 bytes, and munged appends ".lock" and the like. */
const longestFolder = 80;
/** Ordinary users often have no sbin in their path. */
const path = [process.env.PATH, "/usr/sbin", "/sbin", "/usr/local/sbin"].filter(Boolean).join(delimiter);

const find = (program) =>
  path
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((file) => existsSync(file));

/** @returns why no cluster can be started here, or null */
export function skipReason() {
  if (process.platform !== "linux") return "needs Linux";
  const missing = [...daemons, ...clients].filter((program) => find(program) === undefined);
  return missing.length === 0 ? null : `needs ${missing.join(", ")} (Debian: slurmctld, slurmd, slurm-client, munge)`;
}

/**
 * Starts the daemons and waits until the node is idle, which takes about a second.
 *
 * @param folder  an empty folder with a short absolute path; the cluster's files stay in it
 * @param options  cpus, gpus (0 to 4, pretend), memoryMegabytes, killWaitSeconds (between SIGTERM and SIGKILL)
 */
export async function startCluster(folder, options = {}) {
  if (folder.length > longestFolder) throw new Error(`${folder} — expected at most ${longestFolder} characters`);
  const host = hostname().split(".")[0];
  const [slurmctld, slurmd] = await freePorts(2);
  writeClusterFiles(folder, host, { slurmctld, slurmd }, { ...defaults, ...options });
  const environment = { PATH: path, SLURM_CONF: join(folder, "slurm.conf") };
  const cluster = { folder, host, environment, children: new Map() };
  const api = {
    folder,
    host,
    environment,
    run: (program, args = []) => runClient(cluster, program, args),
    pids: () => Object.fromEntries([...cluster.children].map(([name, { pid }]) => [name, pid])),
    startDaemon: (name) => startDaemon(cluster, name),
    stopDaemon: (name, signal = "SIGTERM") => stopDaemon(cluster, name, signal),
    waitForJobs: (seconds) => waitForJobs(cluster, seconds),
    stop: () => stopCluster(cluster),
  };
  try {
    for (const name of daemons) await startDaemon(cluster, name);
  } catch (error) {
    await stopCluster(cluster);
    throw error;
  }
  return api;
}

/** Ports that were free a moment ago, all different. */
async function freePorts(count) {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((resolve) =>
          createServer().listen(0, function listening() {
            resolve(this);
          }),
        ),
    ),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function runClient({ environment }, program, args) {
  const env = { ...process.env, ...environment };
  return execFileSync(find(program), args, { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trimEnd();
}

const commands = {
  munged: ({ folder }) => [
    "--foreground",
    "--force",
    `--key-file=${folder}/munge/key`,
    `--socket=${folder}/munge/socket`,
    `--pid-file=${folder}/munge/pid`,
    `--log-file=${folder}/log/munged.log`,
    `--seed-file=${folder}/munge/seed`,
    "--num-threads=2",
  ],
  slurmctld: ({ environment }) => ["-D", "-f", environment.SLURM_CONF],
  slurmd: ({ environment, host }) => ["-D", "-f", environment.SLURM_CONF, "-N", host],
};

const isReady = {
  munged: ({ folder }) => existsSync(join(folder, "munge/socket")),
  slurmctld: (cluster) => runClient(cluster, "scontrol", ["ping"]).includes("UP"),
  slurmd: (cluster) => /^(idle|mixed|allocated|completing)$/.test(runClient(cluster, "sinfo", ["-h", "-o", "%T"])),
};

/** Starts one daemon and waits until it answers; after `stopDaemon` it continues with the jobs that it knew. */
async function startDaemon(cluster, name) {
  const output = join(cluster.folder, "log", `${name}.out`);
  const descriptor = openSync(output, "a");
  if (name === "munged") {
    rmSync(join(cluster.folder, "munge/socket"), { force: true });
    chmodSync(join(cluster.folder, "munge"), 0o700);
  }
  const child = spawn(find(name), commands[name](cluster), {
    stdio: ["ignore", descriptor, descriptor],
    env: { ...process.env, ...cluster.environment },
  });
  closeSync(descriptor);
  cluster.children.set(name, child);
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  const started = await until(30, () => ended() || succeeds(() => isReady[name](cluster)));
  if (!started || ended()) {
    const log = readFileSync(output, "utf8").trimEnd().split("\n").slice(-10).join("\n");
    throw new Error(`${name} — expected it to start in 30 s, got:\n${log}`);
  }
  if (name === "munged") chmodSync(join(cluster.folder, "munge"), 0o755);
}

async function stopDaemon({ children }, name, signal) {
  const child = children.get(name);
  if (child === undefined) return;
  children.delete(name);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  const last = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await closed;
  clearTimeout(last);
}

/** Waits until no job is pending, running or completing. @returns whether that was so in time */
const waitForJobs = (cluster, seconds) =>
  until(seconds, () => runClient(cluster, "squeue", ["-h", "-t", "PD,R,S,CG"]) === "");

/** Cancels all jobs, so that none survives the cluster, and ends the daemons. */
async function stopCluster(cluster) {
  if (cluster.children.has("slurmd") && succeeds(() => isReady.slurmctld(cluster))) {
    const jobs = runClient(cluster, "squeue", ["-h", "-t", "PD,R,S", "-o", "%A"]).split("\n").filter(Boolean);
    if (jobs.length > 0) succeeds(() => runClient(cluster, "scancel", [...new Set(jobs)]) === "");
    await waitForJobs(cluster, 15);
  }
  for (const name of daemons.toReversed()) await stopDaemon(cluster, name, "SIGTERM");
}

function succeeds(check) {
  try {
    return check();
  } catch {
    return false;
  }
}

async function until(seconds, check) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(100)) if (check()) return true;
  return check();
}
