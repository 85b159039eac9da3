import { Option } from "commander";

export const jsonOption = () => new Option("--json", "print JSON").default(false);

export const quietOption = (description: string) => new Option("--quiet", description).default(false);
