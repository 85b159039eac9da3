import { spawn } from "node:child_process";

/** Opens an address in the browser of a desktop; does nothing without one. */
export function openAddress(address: string, environment: NodeJS.ProcessEnv): void {
  const isMac = process.platform === "darwin";
  if (!isMac && !environment.DISPLAY && !environment.WAYLAND_DISPLAY) return;
  const child = spawn(isMac ? "open" : "xdg-open", [address], { detached: true, stdio: "ignore" });
  child.on("error", () => {});
  child.unref();
}
