import { join } from "node:path";
import { fetchDataset } from "../hub/fetch-dataset.js";
import { fetchSnapshot, type FileChoice } from "../hub/fetch-snapshot.js";
import { formatHubReference, isHubReference, parseHubReference } from "../hub/repository.js";
import type { HubAccess } from "../hub/settings.js";
import type { OpenRepository } from "../hub/snapshot.js";
import { placeOf, rememberPlaces } from "../recipe/places.js";
import type { DatasetRecipe, ModelRecipe, Recipe, TokenizerRecipe } from "../recipe/recipe.js";
import { StrataError } from "../tensor/errors.js";
import type { LocalDataset, LocalRecipe } from "./local-recipe.js";

export interface Sources {
  /** The recipe with the commits and files of the hub that were taken: it stands for the same content for ever. */
  readonly pinned: Recipe;
  readonly local: LocalRecipe;
}

/** What is there of a source: as a recipe names it, and where it lies. */
interface Fetched<Pinned, Local> {
  readonly pinned: Pinned;
  readonly local: Local;
}

/** Weights in the one format that is read, and what describes them; repositories often hold the same weights in others. */
const modelFiles: FileChoice = { include: ["*.safetensors", "*.json", "*.jinja", "tokenizer.model", "merges.txt"], exclude: ["*/*", "consolidated*"] };
const vocabularies = ["tokenizer.json", "tokenizer.model", "vocab.json"];
const tokenizerFiles: FileChoice = {
  include: [
    ...vocabularies, "merges.txt", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "generation_config.json",
    "chat_template.jinja", "chat_template.json",
  ],
  exclude: [],
};

/**
 * Brings what a recipe names of the hub to this machine.
 *
 * @param hub  null where nothing may be fetched: then a recipe that names something of the hub is an error
 */
export async function fetchSources(recipe: Recipe, hub: HubAccess | null): Promise<Sources> {
  const model = await fetchModel(recipe.model, hub);
  const tokenizer = await fetchTokenizer(recipe.tokenizer, hub);
  const data: [string, Fetched<DatasetRecipe, LocalDataset>][] = [];
  for (const [name, set] of Object.entries(recipe.data)) data.push([name, await fetchData(set, hub)]);
  const setsOf = <T>(choose: (set: Fetched<DatasetRecipe, LocalDataset>) => T) =>
    Object.fromEntries(data.map(([name, set]) => [name, choose(set)]));
  const pinned = { ...recipe, model: model.pinned, tokenizer: tokenizer.pinned, data: setsOf((set) => set.pinned) };
  rememberPlaces(pinned, (path) => placeOf(recipe, path));
  return { pinned, local: { ...recipe, model: model.local, tokenizer: tokenizer.local, data: setsOf((set) => set.local) } };
}

async function fetchModel(model: ModelRecipe, hub: HubAccess | null): Promise<Fetched<ModelRecipe, LocalRecipe["model"]>> {
  if (!("folder" in model)) return { pinned: model, local: model };
  if (!isHubReference(model.folder)) return { pinned: model, local: { folder: model.folder, files: null } };
  const { repository, folder, commit, paths } = await fetchModelFiles(model.folder, requireHub(model.folder, hub));
  return {
    pinned: { folder: formatHubReference({ ...repository, revision: commit }) },
    local: { folder, files: paths.map((path) => join(folder, path)) },
  };
}

/** The folder of a model and its tokenizer: as it is named, or where the files of `hf:ID` lie. */
export async function fetchModelFolder(named: string, hub: HubAccess): Promise<string> {
  return isHubReference(named) ? (await fetchModelFiles(named, hub)).folder : named;
}

function fetchModelFiles(reference: string, hub: HubAccess): Promise<OpenRepository> {
  return fetchSnapshot(parseHubReference(reference, "model"), modelFiles, hub);
}

async function fetchTokenizer(tokenizer: TokenizerRecipe | null, hub: HubAccess | null): Promise<Fetched<TokenizerRecipe | null, TokenizerRecipe | null>> {
  if (tokenizer === null || !("file" in tokenizer) || !isHubReference(tokenizer.file)) return { pinned: tokenizer, local: tokenizer };
  const repository = parseHubReference(tokenizer.file, "model");
  const { folder, commit, paths } = await fetchSnapshot(repository, tokenizerFiles, requireHub(tokenizer.file, hub));
  const vocabulary = vocabularies.find((name) => paths.includes(name)) ?? vocabularies[0];
  return {
    pinned: { file: formatHubReference({ ...repository, revision: commit }) },
    local: { file: join(folder, vocabulary) },
  };
}

async function fetchData(set: DatasetRecipe, hub: HubAccess | null): Promise<Fetched<DatasetRecipe, LocalDataset>> {
  if (!("hf" in set)) return { pinned: set, local: set };
  const { hf, config, split, revision, paths, ...use } = set;
  const fetched = await fetchDataset({ kind: "dataset", id: hf, revision }, { config, split, paths }, requireHub(hf, hub));
  return {
    pinned: { ...use, hf, config, split, revision: fetched.commit, paths: fetched.paths },
    local: { ...use, files: fetched.files },
  };
}

function requireHub(source: string, hub: HubAccess | null): HubAccess {
  if (hub !== null) return hub;
  throw new StrataError("RunError", {
    where: source,
    expected: "access to the hub, which this source is of",
    got: "none",
    hint: "Give `hub` to the call, or download the files and name their folder.",
  });
}
