import { join } from "node:path";
import { formatHubReference, isHubReference, parseHubReference } from "../../hub/repository.js";
import { selectDataset } from "../../hub/datasets/select-dataset.js";
import { selectSnapshot, type FileChoice } from "../../hub/select-snapshot.js";
import { downloadsOf, fetchSelection, type Selection } from "../../hub/selection.js";
import type { HubAccess } from "../../hub/settings.js";
import { missingFiles, type OpenRepository } from "../../hub/cache/snapshot.js";
import { placeOf, rememberPlaces } from "../../recipe/places.js";
import type { DatasetRecipe, ModelRecipe, Recipe, TokenizerRecipe } from "../../recipe/recipe.js";
import { StrataError } from "../../errors/strata-error.js";
import type { LocalDataset, LocalRecipe } from "./local-recipe.js";

export interface Sources {
  /** The recipe with the commits and files of its sources on the hub, so that it always means the same content. */
  readonly pinned: Recipe;
  readonly local: LocalRecipe;
}

/** A source that is on this machine: as written in a pinned recipe, and as local files. */
interface Source<Pinned, Local> {
  readonly pinned: Pinned;
  readonly local: Local;
}

/** A local source, or a selection of files on the hub that become one when they are downloaded. */
type Found<Pinned, Local> =
  | { readonly selection: null; readonly source: Source<Pinned, Local> }
  | { readonly selection: Selection; readonly sourceOf: (fetched: OpenRepository) => Source<Pinned, Local> };

/** Safetensors weights, configuration and tokenizer; repositories often contain the same weights in other formats. */
const modelFiles: FileChoice = {
  include: ["*.safetensors", "*.json", "*.jinja", "tokenizer.model", "merges.txt"],
  exclude: ["*/*", "consolidated*"],
};
const vocabularies = ["tokenizer.json", "tokenizer.model", "vocab.json"];
const tokenizerFiles: FileChoice = {
  include: [
    ...vocabularies,
    "merges.txt",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "generation_config.json",
    "chat_template.jinja",
    "chat_template.json",
  ],
  exclude: [],
};

/** Receives a data set with only its first file, before the others are downloaded. An error ends the downloads. */
export type CheckFirstFile = (name: string, set: LocalDataset) => Promise<void>;

/**
 * Downloads a recipe's sources on the hub. All downloads are reported before the first one starts. Of a data set with
 * several missing files, the first file is checked before the others are downloaded.
 *
 * @param hub  null forbids downloads: a recipe with sources on the hub is then an error
 */
export async function fetchSources(
  recipe: Recipe,
  hub: HubAccess | null,
  checkFirstFile: CheckFirstFile,
): Promise<Sources> {
  const model = await findModel(recipe.model, hub);
  const tokenizer = await findTokenizer(recipe.tokenizer, hub);
  const data: [string, Found<DatasetRecipe, LocalDataset>][] = [];
  for (const [name, set] of Object.entries(recipe.data)) data.push([name, await findData(set, hub)]);
  if (hub !== null) reportDownloads([model, tokenizer, ...data.map(([, set]) => set)], hub);
  for (const [name, set] of data) await tryFirstFile(name, set, hub, checkFirstFile);
  const [localModel, localTokenizer] = [await download(model, hub), await download(tokenizer, hub)];
  const sets: [string, Source<DatasetRecipe, LocalDataset>][] = [];
  for (const [name, set] of data) sets.push([name, await download(set, hub)]);
  const setsOf = <T>(choose: (set: Source<DatasetRecipe, LocalDataset>) => T) =>
    Object.fromEntries(sets.map(([name, set]) => [name, choose(set)]));
  const pinned = {
    ...recipe,
    model: localModel.pinned,
    tokenizer: localTokenizer.pinned,
    data: setsOf((set) => set.pinned),
  };
  rememberPlaces(pinned, (path) => placeOf(recipe, path));
  return {
    pinned,
    local: { ...recipe, model: localModel.local, tokenizer: localTokenizer.local, data: setsOf((set) => set.local) },
  };
}

function reportDownloads(found: readonly { readonly selection: Selection | null }[], hub: HubAccess): void {
  const downloads = downloadsOf(
    found.flatMap(({ selection }) => selection ?? []),
    hub,
  );
  if (downloads.length > 0 && !hub.settings.offline) hub.onDownload?.(downloads);
}

async function tryFirstFile(
  name: string,
  found: Found<DatasetRecipe, LocalDataset>,
  hub: HubAccess | null,
  checkFirstFile: CheckFirstFile,
): Promise<void> {
  if (found.selection === null || hub === null || hub.settings.offline) return;
  const { open, choose } = found.selection;
  const [first, ...others] = choose(open.paths);
  if (missingFiles(open, others, hub).length === 0) return;
  const fetched = await fetchSelection({ open, choose: (paths) => paths.filter((path) => path === first) }, hub);
  // The hub may have changed meanwhile.
  if (fetched.paths.length > 0) await checkFirstFile(name, found.sourceOf(fetched).local);
}

async function download<Pinned, Local>(
  found: Found<Pinned, Local>,
  hub: HubAccess | null,
): Promise<Source<Pinned, Local>> {
  return found.selection === null
    ? found.source
    : found.sourceOf(await fetchSelection(found.selection, hub as HubAccess));
}

async function findModel(model: ModelRecipe, hub: HubAccess | null): Promise<Found<ModelRecipe, LocalRecipe["model"]>> {
  if (!("folder" in model)) return localSource({ pinned: model, local: model });
  if (!isHubReference(model.folder))
    return localSource({ pinned: model, local: { folder: model.folder, files: null } });
  return {
    selection: await selectModel(model.folder, requireHub(model.folder, hub)),
    sourceOf: ({ repository, folder, commit, paths }) => ({
      pinned: { folder: formatHubReference({ ...repository, revision: commit }) },
      local: { folder, files: paths.map((path) => join(folder, path)) },
    }),
  };
}

/** The folder of a model and its tokenizer; a model `hf:ID` is downloaded. */
export async function fetchModelFolder(named: string, hub: HubAccess): Promise<string> {
  return isHubReference(named) ? (await fetchSelection(await selectModel(named, hub), hub)).folder : named;
}

function selectModel(reference: string, hub: HubAccess): Promise<Selection> {
  return selectSnapshot(parseHubReference(reference, "model"), modelFiles, hub);
}

async function findTokenizer(
  tokenizer: TokenizerRecipe | null,
  hub: HubAccess | null,
): Promise<Found<TokenizerRecipe | null, TokenizerRecipe | null>> {
  if (tokenizer === null || !("file" in tokenizer) || !isHubReference(tokenizer.file))
    return localSource({ pinned: tokenizer, local: tokenizer });
  return {
    selection: await selectSnapshot(
      parseHubReference(tokenizer.file, "model"),
      tokenizerFiles,
      requireHub(tokenizer.file, hub),
    ),
    sourceOf: ({ repository, folder, commit, paths }) => ({
      pinned: { file: formatHubReference({ ...repository, revision: commit }) },
      local: { file: join(folder, vocabularies.find((name) => paths.includes(name)) ?? vocabularies[0]) },
    }),
  };
}

async function findData(set: DatasetRecipe, hub: HubAccess | null): Promise<Found<DatasetRecipe, LocalDataset>> {
  if (!("hf" in set)) return localSource({ pinned: set, local: set });
  const { hf, config, split, revision, paths: pattern, ...use } = set;
  return {
    selection: await selectDataset(
      { kind: "dataset", id: hf, revision },
      { config, split, paths: pattern },
      requireHub(hf, hub),
    ),
    sourceOf: ({ folder, commit, paths }) => ({
      pinned: { ...use, hf, config, split, revision: commit, paths },
      local: { ...use, files: paths.map((path) => join(folder, path)), separator: null },
    }),
  };
}

function localSource<Pinned, Local>(source: Source<Pinned, Local>): Found<Pinned, Local> {
  return { selection: null, source };
}

function requireHub(source: string, hub: HubAccess | null): HubAccess {
  if (hub !== null) return hub;
  throw new StrataError("RunError", {
    where: source,
    expected: "access to the hub, where this source is",
    got: "none",
    hint: "Pass `hub`, or download the files and use their folder.",
  });
}
