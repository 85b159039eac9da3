import type { ArrivedChange, RoundAttribution } from "../../merge/attribution/round-attribution.js";
import { runLabel, runsOf } from "../../merge/tensor-groups.js";
import { formatCosine, formatNorm, formatShare, missing } from "../numbers.js";
import type { StrategyFacts } from "../facts.js";
import { number, plain, word, type Table } from "./table.js";

/** With more parts, the range of their shares. */
const fewParts = 8;

export const arrivedTitle = "What arrived of each part";
export const arrivedNote =
  "Change: the norm of the merged change, before the outer optimizer. Shares, part after part: " +
  "⟨merged change, the part's change⟩ / ⟨the part's change, the part's change⟩, so 100% if its whole change arrived " +
  "and 0% if nothing of it did; a dash: the part did not change these layers. Cosine: mean over pairs of parts that " +
  "both changed them. Linear: tensors for which SLERP acted as linear interpolation, because |cosine| is above 0.9995.";

/** Null without a merge. */
export function arrivedTable(facts: {
  readonly strategies: readonly Pick<StrategyFacts, "name" | "rounds">[];
}): Table | null {
  const rows = facts.strategies.flatMap(({ name, rounds }) => {
    const arrived = rounds.findLast((round) => round.arrived !== null)?.arrived;
    return arrived ? arrivedRows(arrived).map((cells) => [name, ...cells].map(plain)) : [];
  });
  if (rows.length === 0) return null;
  return {
    id: "arrived",
    title: arrivedTitle,
    note: `The last merge of each strategy. ${arrivedNote}`,
    columns: [word("Strategy"), ...arrivedHeadings.map((heading, i) => (i === 0 ? word(heading) : number(heading)))],
    rows,
    view: "scrolls",
    file: "arrived.csv",
  };
}

export const arrivedHeadings = ["Layers", "Change", "Shares", "Cosine", "Linear"];

/** A row per layer, or per run of layers that do not differ, and one of the total. */
export function arrivedRows({ layers, total }: RoundAttribution): readonly (readonly string[])[] {
  const runs = runsOf(layers, (a, b) => cells([a]).slice(1).join() === cells([b]).slice(1).join());
  return [...runs.map((run) => [runLabel(run), ...cells(run)]), ["total", ...cells([total])]];
}

/** @param run  equal in all but the change */
function cells(run: readonly ArrivedChange[]): string[] {
  const [{ shares, cosine }] = run;
  const change = Math.sqrt(run.reduce((sum, part) => sum + part.change ** 2, 0));
  const linear = run.reduce((sum, part) => sum + (part.linearTensors ?? 0), 0);
  const tensors = run.reduce((sum, part) => sum + part.tensors, 0);
  return [
    formatNorm(change),
    shares.length <= fewParts ? shares.map(formatShare).join(" · ") : rangeOf(shares),
    cosine === null ? missing : formatCosine(cosine),
    run[0].linearTensors === null ? missing : `${linear} of ${tensors}`,
  ];
}

function rangeOf(shares: readonly (number | null)[]): string {
  const known = shares.filter((share) => share !== null);
  if (known.length === 0) return missing;
  const [low, high] = [formatShare(Math.min(...known)), formatShare(Math.max(...known))];
  return low === high ? low : `${low} to ${high}`;
}
