// npm run notebooks: writes notebooks/*.ipynb, whose cells are here, because the two differ in their first cells only.
import { mkdirSync, writeFileSync } from "node:fs";

const nodeVersion = "v20.19.5";

const text = (source) => ({ cell_type: "markdown", metadata: {}, source: lines(source) });
const code = (source) => ({
  cell_type: "code",
  execution_count: null,
  metadata: {},
  outputs: [],
  source: lines(source),
});
const lines = (source) => source.trim().split(/(?<=\n)/);

const install = (folder) => `
%%bash
# Node and Strata. Both stay for this session; compiled kernels stay in the folder.
set -euo pipefail
FOLDER="\${STRATA_FOLDER:-${folder}}"
if ! node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' 2>/dev/null; then
  FILE=node-${nodeVersion}-linux-x64.tar.xz
  cd /tmp
  curl -fsSO "https://nodejs.org/dist/${nodeVersion}/$FILE"
  curl -fsS https://nodejs.org/dist/${nodeVersion}/SHASUMS256.txt | grep " $FILE\\$" | sha256sum -c -
  tar -xJf "$FILE" -C /usr/local --strip-components=1
fi
command -v strata >/dev/null || npm install --silent -g "$FOLDER"/strata-*.tgz
strata --version
STRATA_CACHE="$FOLDER/cache" strata doctor
`;

const work = (folder) => `
%%bash
# Trains parts until none is left. After a disconnected session, run all cells again: it resumes.
set -euo pipefail
FOLDER="\${STRATA_FOLDER:-${folder}}"
export STRATA_CACHE="$FOLDER/cache" STRATA_LEASE_SECONDS="\${STRATA_LEASE_SECONDS:-600}"
strata work "$FOLDER"
`;

const list = (folder) => `
%%bash
# The results, for \`strata collect\`.
ls -l "\${STRATA_FOLDER:-${folder}}"/*.done.strata
`;

const colab = "/content/drive/MyDrive/strata";
const kaggle = "/kaggle/working";

const notebooks = {
  colab: [
    text(`# Train parts of a Strata run on Colab

Put the parts (\`strata pack RECIPE --to FOLDER\`) and \`strata-0.1.0.tgz\` (\`npm pack\`) into the folder \`strata\`
of your Google Drive, and run all cells. Any number of notebooks and machines may work on the same folder: each takes
parts that nobody else has. A session that is disconnected loses at most the work since the last checkpoint: run all
cells again, in this notebook or in another one.`),
    code(`
from google.colab import drive
drive.mount("/content/drive")`),
    code(install(colab)),
    code(work(colab)),
    code(list(colab)),
    text(`Then, where the recipe is: \`strata collect RECIPE FOLDER\`. A run of several rounds needs
\`strata collect RECIPE FOLDER --watch\` there, and \`strata work "$FOLDER" --wait\` in the cell above.`),
  ],
  kaggle: [
    text(`# Train parts of a Strata run on Kaggle

Upload the parts (\`strata pack\`) and \`strata-0.1.0.tgz\` (\`npm pack\`) as a data set, add it to this notebook as
input, switch the internet on, and run all cells. The results are in the output of the notebook.`),
    code(`
%%bash
# Inputs are read-only: parts are trained in the folder of the output, which Kaggle keeps.
set -euo pipefail
FOLDER="\${STRATA_FOLDER:-${kaggle}}"
find -L "\${STRATA_INPUT:-/kaggle/input}" -name '*.done.strata' -prune -o \\
  \\( -name '*.strata' -o -name 'strata-*.tgz' \\) -exec cp -n {} "$FOLDER" \\;
ls -l "$FOLDER"`),
    code(install(kaggle)),
    code(work(kaggle)),
    code(list(kaggle)),
    text("Download them from the output, and run `strata collect RECIPE *.done.strata` where the recipe is."),
  ],
};

mkdirSync("notebooks", { recursive: true });
for (const [name, cells] of Object.entries(notebooks)) {
  const notebook = {
    cells,
    metadata: {
      kernelspec: { display_name: "Python 3", language: "python", name: "python3" },
      language_info: { name: "python" },
    },
    nbformat: 4,
    nbformat_minor: 4,
  };
  writeFileSync(`notebooks/${name}.ipynb`, `${JSON.stringify(notebook, null, 1)}\n`);
}
