import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { readMemory, resetPeak, type ProcessMemory } from "./process-memory.js";
import type { Assignment, Measured, Ready } from "./work.js";

/** A process that has set up one work and waits for commands. */
export interface Session {
  /** Numbers on which both sides must agree. */
  readonly proof: readonly number[];
  measure(leastSeconds: number): Promise<Measured>;
  memory(): ProcessMemory | null;
  /** Resets the peak of resident memory. */
  resetPeak(): void;
  close(): Promise<void>;
}

export interface Program {
  readonly command: string;
  readonly parameters: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

/** Starts a new process and waits until it is warm. @throws Error with the end of its stderr if it fails */
export async function startSession(program: Program, work: Assignment): Promise<Session> {
  const child = spawn(program.command, program.parameters, {
    env: program.environment,
    stdio: ["pipe", "pipe", "pipe"],
  });
  let messages = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (messages = (messages + text).slice(-4000)));
  child.stdin.on("error", () => {}); // the process has ended; `ask` reports why
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  child.once("error", (error) => (messages += error.message));
  const replies = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async <Reply>(command: unknown): Promise<Reply> => {
    child.stdin.write(`${JSON.stringify(command)}\n`);
    const { value, done } = await replies.next();
    if (!done) return JSON.parse(value as string) as Reply;
    await ended;
    throw new Error(`${program.command}, ${work.kind} ${work.mode}, failed:\n${messages}`);
  };
  const { proof } = await ask<Ready>(work);
  const pid = child.pid as number;
  return {
    proof,
    measure: (leastSeconds) => ask<Measured>(leastSeconds),
    memory: () => readMemory(pid),
    resetPeak: () => resetPeak(pid),
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}
