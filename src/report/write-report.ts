import { join } from "node:path";
import { createFolder } from "../files/create-folder.js";
import { writeFileAtomic } from "../files/atomic-file.js";
import { csvTables } from "./csv.js";
import type { ReportFacts } from "./facts.js";
import { figureFile, figurePath } from "./figures/figure.js";
import { reportFigures } from "./figures/figures.js";
import { htmlReport } from "./html.js";
import { markdownReport } from "./markdown.js";

/** Paths of the written files. */
export interface WrittenReport {
  readonly html: string;
  readonly markdown: string;
  readonly csv: readonly string[];
  readonly figures: readonly string[];
}

/**
 * Writes report.html (one page, which links the other files), report.md with figures/*.svg, and tables/*.csv.
 *
 * @param folder  created if missing; files of an earlier report are replaced
 */
export function writeReport(folder: string, facts: ReportFacts): WrittenReport {
  const figures = reportFigures(facts).map((figure) => ({ figure, file: figurePath(figure) }));
  const write = (name: string, content: string) => {
    const path = join(folder, name);
    writeFileAtomic(path, content);
    return path;
  };
  for (const name of ["tables", "figures"]) createFolder(join(folder, name));
  return {
    html: write(
      "report.html",
      htmlReport(
        facts,
        figures.map(({ figure }) => figure),
      ),
    ),
    markdown: write("report.md", markdownReport(facts, figures)),
    csv: Object.entries(csvTables(facts)).map(([name, text]) => write(`tables/${name}`, text)),
    figures: figures.map(({ figure, file }) => write(file, figureFile(figure))),
  };
}
