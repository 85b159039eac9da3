import { Worker } from "node:worker_threads";

/** The heartbeat of one lease; shared memory that the thread writes. */
export interface Beats {
  /** Whether the file was found to have another holder, or none. */
  readonly isLost: boolean;
  /** Milliseconds since the last heartbeat, including the time that the process was stopped. */
  readonly age: number;
  stop(): void;
}

const lostAt = 0;
const beatAt = 1;

/**
 * Heartbeats come from a separate thread, because a step of a large training blocks the main thread for minutes. Its
 * program is a text, because a thread needs JavaScript and there is none before the sources are compiled. A file that
 * does not begin with the holder's name has been taken over.
 */
const program = `
const { parentPort } = require("node:worker_threads");
const { openSync, readSync, writeSync, closeSync } = require("node:fs");
const held = new Map();
function beat(lease) {
  try {
    const file = openSync(lease.path, "r+");
    try {
      const start = Buffer.alloc(lease.name.length);
      readSync(file, start, 0, start.length, 0);
      if (start.toString() !== lease.name) Atomics.store(lease.state, ${lostAt}, 1n);
      else writeSync(file, String(++lease.count).padStart(12, "0"), lease.name.length);
    } finally { closeSync(file); }
  } catch (error) {
    // Any other failure may pass: the next beat tries again.
    if (error.code === "ENOENT") Atomics.store(lease.state, ${lostAt}, 1n);
    else return;
  }
  Atomics.store(lease.state, ${beatAt}, process.hrtime.bigint());
}
parentPort.on("message", ({ id, lease, every }) => {
  if (lease === null) return clearInterval(held.get(id));
  held.set(id, setInterval(beat, every, lease));
});
`;

let thread: Worker | null = null;
let nextId = 0;

/**
 * Writes a growing number behind the holder's name until it is stopped.
 *
 * @param name   the first bytes of the file
 * @param every  milliseconds
 */
export function startBeats(path: string, name: string, every: number): Beats {
  thread ??= startThread();
  const running = thread;
  const state = new BigInt64Array(new SharedArrayBuffer(16));
  state[beatAt] = process.hrtime.bigint();
  const id = nextId++;
  running.postMessage({ id, lease: { path, name, state, count: 0 }, every });
  return {
    get isLost() {
      return Atomics.load(state, lostAt) !== 0n;
    },
    get age() {
      return Number(process.hrtime.bigint() - Atomics.load(state, beatAt)) / 1e6;
    },
    stop: () => running.postMessage({ id, lease: null }),
  };
}

function startThread(): Worker {
  const started = new Worker(program, { eval: true, execArgv: [] });
  // It must not keep the process alive.
  started.unref();
  return started;
}
