// Stands for the program whose command `worker` executes jobs. A job's parameters say what happens.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeDone } from "../../dist/jobs/job-folder.js";

process.on("message", (request) => {
  if (request === "exit") return process.exit(0);
  const { parameters } = JSON.parse(readFileSync(join(request.folder, "job.json"), "utf8"));
  if (parameters.crash) {
    process.stderr.write("free(): invalid pointer\n");
    return process.kill(process.pid, "SIGABRT");
  }
  const { threads } = request.execution;
  writeDone(request.folder, { pid: process.pid, threads });
  return process.send({ failure: null, ends: parameters.ends === true });
});
