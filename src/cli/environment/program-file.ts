import { fileURLToPath } from "node:url";

/** The compiled command line, which runs start again as workers. */
export const programFile = fileURLToPath(new URL("../main.js", import.meta.url));
