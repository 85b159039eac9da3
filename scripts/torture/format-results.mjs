/** Of each fault: tried, survived, named, lost, as lines of a Markdown table. */
export function formatResults(faults, trials) {
  const rows = faults.map(({ name, title, skipped }) => {
    if (skipped !== undefined) return `| ${title} | skipped: ${skipped} | | | |`;
    const of = trials.filter(({ fault }) => fault === name);
    const sum = (outcome) => of.filter((trial) => trial.outcome === outcome).reduce((all, { hits }) => all + hits, 0);
    const tried = of.reduce((all, { hits }) => all + hits, 0);
    return `| ${title} | ${tried} | ${sum("survived")} | ${sum("named")} | ${sum("lost")} |`;
  });
  return ["| fault | tried | survived | named | lost |", "| --- | ---: | ---: | ---: | ---: |", ...rows].join("\n");
}

/** 3700 → "1 h 2 min" */
export function formatSeconds(seconds) {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
