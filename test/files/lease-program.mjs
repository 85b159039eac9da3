// Holds a lease as HOST until it is told to check or to release it: `node lease-program.mjs PATH HOST SECONDS`.
import { setLeaseExpiry, takeLease } from "../../dist/files/lease.js";
import { nameHost } from "../../dist/files/writer.js";

const [path, host, seconds] = process.argv.slice(2);
nameHost(host || null);
setLeaseExpiry(Number(seconds));
const lease = await takeLease(path);
process.send("held");
process.on("message", (message) => {
  if (message === "check") {
    try {
      lease.check();
      process.send("still held");
    } catch (error) {
      process.send(String(error));
    }
  }
  if (message === "block") {
    // As a long step of a training does.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000);
    process.send("unblocked");
  }
  if (message === "release") {
    lease.release();
    process.disconnect();
  }
});
