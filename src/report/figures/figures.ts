import type { ReportFacts } from "../facts.js";
import type { Figure } from "./figure.js";
import { lossFigure } from "./loss-figure.js";
import { scoreFigure } from "./score-figure.js";
import { tradeoffFigures } from "./tradeoff-figure.js";
import { curveFigures } from "./curve-figure.js";
import { gapFigure } from "./gap-figure.js";

/** Whether a figure precedes the tables. */
export function isOpeningFigure({ id }: Figure): boolean {
  return id === "gap";
}

/** The figures of a report that are not empty, with unique ids. */
export function reportFigures(facts: ReportFacts): Figure[] {
  const found = [
    gapFigure(facts),
    scoreFigure(facts),
    ...tradeoffFigures(facts),
    ...curveFigures(facts),
    lossFigure(facts),
  ].filter((figure) => figure !== null && figure.panels.length > 0);
  const seen = new Map<string, number>();
  return (found as Figure[]).map((figure) => {
    const occurrence = (seen.get(figure.id) ?? 0) + 1;
    seen.set(figure.id, occurrence);
    return occurrence === 1 ? figure : { ...figure, id: `${figure.id}-${occurrence}` };
  });
}
