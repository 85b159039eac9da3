/** What the tests do with a documented command: run it with some words replaced, or skip it with a reason. */
export interface Rule {
  /** Matches the words of the command, joined by one space, without `npx` and without leading variables. */
  readonly matches: RegExp;
  /** Replacements of words that stand for the reader's own, and arguments to add; TEMPORARY is a new folder. */
  readonly run?: { readonly replace?: Readonly<Record<string, string>>; readonly add?: readonly string[] };
  readonly reason?: string;
}

const model = "test/golden/gguf/untied";

/** The first rule that matches applies. A documented command without a rule fails the test. */
export const rules: readonly Rule[] = [
  { matches: /^strata( [a-z0-9]+)* --(help|version)$/, run: {} },
  { matches: /^strata doctor( --json)?$/, run: {} },
  {
    matches: /^strata plan (RECIPE|recipes\/demo\.yaml)( --set \S+| --json)*$/,
    run: { replace: { RECIPE: "recipes/demo.yaml" }, add: ["--runs", "TEMPORARY/runs"] },
  },
  {
    matches: /^strata plan recipes\/demo\.yaml --slurm$/,
    run: { add: ["--runs", "TEMPORARY/runs"] },
  },
  { matches: /^strata (status|logs|cancel) /, reason: "needs a run; test/slurm has several" },
  { matches: /^strata dashboard( |$)/, reason: "serves pages until it is ended; test/dashboard opens them" },
  {
    matches: /^strata generate --model (DIR|FOLDER|my-model) --prompt /,
    run: { replace: { DIR: model, FOLDER: model, "my-model": model }, add: ["--max-tokens", "3", "--dtype", "f32"] },
  },
  {
    matches: /^strata export gguf (DIR|FOLDER|my-model) (FILE|[\w-]+\.gguf)( --type \w+)?$/,
    run: {
      replace: {
        DIR: model,
        FOLDER: model,
        "my-model": model,
        FILE: "TEMPORARY/model.gguf",
        "my-model.gguf": "TEMPORARY/model.gguf",
      },
    },
  },
  {
    matches: /^strata (plan|run|export hf|generate) .*(llama-3\.2-1b|hf:)/,
    reason: "needs the hub; test/run/hub-sources.test.ts and test/cli/generate.test.ts use a hub on this machine",
  },
  { matches: /^strata download /, reason: "needs the hub; test/cli/download.test.ts uses a hub on this machine" },
  { matches: /^strata (run|plan) recipes\/(books-|bf16-)/, reason: "needs the user's own text" },
  { matches: /^strata (plan|export hf) mine\.yaml/, reason: "needs the user's own text" },
  {
    matches: /^strata generate --model runs\/jobs\//,
    reason: "needs a finished run; test/cli/generate.test.ts has a model",
  },
  { matches: /^strata run /, reason: "trains for a minute or more; test/run/run.test.ts runs a small recipe" },
  {
    matches: /^strata (pack|work|collect) /,
    reason: "trains for a minute or more; test/run/carry.test.ts packs, works and collects",
  },
  { matches: /^strata search /, reason: "trains for a minute or more; test/search/search.test.ts searches" },
  { matches: /^strata compare /, reason: "needs finished runs; test/run/seeds.test.ts compares two" },
  { matches: /^strata report /, reason: "needs a finished run; test/run/run.test.ts creates one" },
  {
    matches: /^strata export (hf|gguf) (RECIPE|recipes|runs)/,
    reason: "needs a finished run; test/run/export.test.ts creates one",
  },
  {
    matches: /^strata export tensorboard /,
    reason: "needs a run; test/tensorboard/run.test.ts exports one",
  },
  { matches: /^tensorboard /, reason: "needs the Python package tensorboard" },
  {
    matches: /^strata import llama2c /,
    reason: "needs a model of llama2.c; test/model/import-llama2c.test.ts creates one",
  },
  { matches: /^strata eval /, reason: "needs a model and data; test/cli/eval.test.ts has both" },
  { matches: /^strata merge /, reason: "needs models; test/merge/end-to-end merges" },
  { matches: /^strata diff /, reason: "needs two models; test/merge/diff/command.test.ts compares two" },
  { matches: /^strata worker$/, reason: "runs start it; test/run runs it all the time" },
  { matches: /^tar tf /, reason: "needs a packed part; test/files/archive.test.ts lists an archive" },
  { matches: /^npm (ci|install|pack|test)\b/, reason: "installs, or runs these tests" },
  { matches: /^npm run demo$/, reason: "trains for a minute or more" },
  { matches: /^npm run (--silent )?(bench|sanitize|compare|torture)\b/, reason: "takes minutes" },
  { matches: /^npm run (build|check|lint|format|reference)$/, reason: "npm test runs it, or it changes files" },
  { matches: /^vitest run( [\w./-]+)*$/, reason: "runs tests within tests" },
  { matches: /^(pip|apt-get|brew|sudo|xcode-select|git) /, reason: "installs, or needs the network" },
  { matches: /^python3 bench\/peers\//, reason: "needs the packages of bench/peers/requirements.txt" },
  { matches: /^node -e /, reason: "writes files of the checkout; test/recipe compares them with the schema" },
];
