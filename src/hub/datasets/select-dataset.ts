import { join } from "node:path";
import { readDataCard, type DataConfig } from "./data-card.js";
import { convertedConfigs, splitsOf, type Splits } from "./data-files.js";
import { hubError, nameOf } from "../network/hub-errors.js";
import { matchesGlob } from "../patterns.js";
import { mainRevision, pageUrl, type Repository } from "../repository.js";
import type { HubAccess } from "../settings.js";
import type { Selection } from "../selection.js";
import { fetchFiles, openRepository, type OpenRepository } from "../cache/snapshot.js";
import { readText } from "../../files/read-text.js";

/** The part of a data set to read: a split of a configuration, or files by name. */
export interface DatasetPart {
  /** Null for the only configuration or the default one. */
  readonly config: string | null;
  readonly split: string;
  /** File patterns that replace `config` and `split`; null for none. */
  readonly paths: readonly string[] | null;
}

/** The branch with the hub's Parquet conversion of data sets that are loading scripts. */
const convertedBranch = "refs/convert/parquet";

/**
 * Selects files of a data set; downloads its README.
 *
 * @throws StrataError listing the configurations, splits or files that exist
 */
export async function selectDataset(repository: Repository, part: DatasetPart, access: HubAccess): Promise<Selection> {
  const open = await openRepository(repository, access);
  const { paths } = part;
  if (paths !== null) return { open, choose: (all) => namedFiles(all, paths, repository, access) };
  const configs = await readConfigs(open, access);
  if (needsConversion(open, configs)) {
    const converted = await openRepository({ ...repository, revision: convertedBranch }, access);
    return { open: converted, choose: (all) => chooseConverted(all, part, repository, access) };
  }
  return { open, choose: (all) => chooseFiles(all, configs, part, repository, access) };
}

async function readConfigs(open: OpenRepository, access: HubAccess): Promise<DataConfig[]> {
  const card = "README.md";
  if (!open.paths.includes(card)) return [];
  const { folder } = await fetchFiles(open, () => [card], { ...access, onProgress: undefined });
  return readDataCard(readText(join(folder, card)), `${nameOf(open.repository)} ${card}`);
}

/** Whether only the hub's conversion is readable: the data set is a loading script (NAME.py) or has no data files. */
function needsConversion({ repository, paths }: OpenRepository, configs: readonly DataConfig[]): boolean {
  // The hub converts the main branch only.
  if (repository.revision !== mainRevision) return false;
  if (configs.some(({ splits }) => splits !== null)) return false;
  const program = `${repository.id.split("/").at(-1)}.py`;
  return paths.includes(program) || splitsOf({ folder: "", splits: null }, paths).size === 0;
}

function chooseFiles(
  paths: readonly string[],
  configs: readonly DataConfig[],
  part: DatasetPart,
  repository: Repository,
  access: HubAccess,
): readonly string[] {
  if (configs.length > 0) {
    const names = configs.map(({ name }) => name);
    const defaultName = configs.find(({ isDefault }) => isDefault)?.name ?? null;
    const name = pickConfig(names, defaultName, part, repository, access);
    const config = configs.find((one) => one.name === name) as DataConfig;
    return pickSplit(splitsOf(config, paths), part, repository, access);
  }
  // Without configurations in the README, a configuration is a folder.
  const folder = part.config === null || part.config === "default" ? "" : part.config;
  if (folder !== "" && !paths.some((path) => path.startsWith(`${folder}/`))) {
    const folders = [...new Set(paths.filter((path) => path.includes("/")).map((path) => path.split("/")[0]))];
    throw notFound(repository, access, `a configuration ${JSON.stringify(folder)}`, folders, "config");
  }
  return pickSplit(splitsOf({ folder, splits: null }, paths), part, repository, access);
}

function chooseConverted(
  paths: readonly string[],
  part: DatasetPart,
  repository: Repository,
  access: HubAccess,
): readonly string[] {
  const configs = convertedConfigs(paths);
  const name = pickConfig([...configs.keys()], "default", part, repository, access);
  return pickSplit(configs.get(name) as Splits, part, repository, access);
}

function pickConfig(
  names: readonly string[],
  defaultName: string | null,
  { config }: DatasetPart,
  repository: Repository,
  access: HubAccess,
): string {
  const name = config ?? (names.length === 1 ? names[0] : defaultName);
  if (name !== null && names.includes(name)) return name;
  const expected = config === null ? "the name of a configuration" : `a configuration ${JSON.stringify(config)}`;
  throw notFound(repository, access, expected, names, "config");
}

function pickSplit(
  splits: Splits,
  { split }: DatasetPart,
  repository: Repository,
  access: HubAccess,
): readonly string[] {
  const files = splits.get(split);
  if (files !== undefined) return files;
  throw notFound(repository, access, `a split ${JSON.stringify(split)}`, [...splits.keys()], "split");
}

function namedFiles(
  all: readonly string[],
  patterns: readonly string[],
  repository: Repository,
  access: HubAccess,
): readonly string[] {
  return [
    ...new Set(
      patterns.flatMap((pattern) => {
        const found = all.filter((path) => path === pattern || matchesGlob(path, pattern));
        if (found.length === 0)
          throw notFound(repository, access, `files that match ${JSON.stringify(pattern)}`, all, "paths");
        return found;
      }),
    ),
  ];
}

function notFound(
  repository: Repository,
  { settings }: HubAccess,
  expected: string,
  existing: readonly string[],
  key: string,
) {
  const some = existing.slice(0, 12).join(", ");
  return hubError({
    where: nameOf(repository),
    expected,
    got:
      existing.length === 0 ? "none" : `only ${some}${existing.length > 12 ? ` and ${existing.length - 12} more` : ""}`,
    hint: `Change \`${key}:\`, or list files with \`paths:\`. See ${pageUrl(repository, settings)} for the contents.`,
  });
}
