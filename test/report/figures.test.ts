import { expect, test } from "vitest";
import { nextRandom } from "./sequence.js";
import { reportFigures } from "../../src/report/figures/figures.js";
import { downsample } from "../../src/report/figures/loss-figure.js";
import { placeLabels } from "../../src/report/figures/place-labels.js";
import { ticks, paddedScale, type Box } from "../../src/report/figures/axes.js";
import { textWidth } from "../../src/report/figures/svg.js";
import { fixture, fixtureWithAlone, strategy } from "./fixture.js";

const bounds: Box = { left: 0, top: 0, right: 500, bottom: 300 };

test("labels cover neither each other nor a point, and stay inside", () => {
  const random = nextRandom(5);
  let placed = 0;
  for (let trial = 0; trial < 40; trial++) {
    const clustered = trial % 2 === 0;
    const points = Array.from({ length: 10 }, (_, i) => ({
      x: clustered ? 240 + random() * 20 : 20 + random() * 460,
      y: 20 + random() * 260,
      text: `strategy-${i}`,
    }));
    const labels = placeLabels(points, bounds).filter((label) => label !== null);
    placed += labels.length;
    labels.forEach(({ box: a }, i) => {
      expect(a.left >= bounds.left && a.right <= bounds.right && a.top >= bounds.top && a.bottom <= bounds.bottom).toBe(
        true,
      );
      for (const { x, y } of points) expect(x > a.left && x < a.right && y > a.top && y < a.bottom).toBe(false);
      for (const { box: b } of labels.slice(i + 1))
        expect(a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom).toBe(false);
    });
  }
  expect(placed).toBe(400);
});

test("ticks do not touch, whatever the range", () => {
  for (const [low, high] of [
    [0, 1],
    [0.4771, 0.4772],
    [-3, 12_345_678],
    [1e-9, 2e-9],
    [5, 5],
  ]) {
    const found = ticks(paddedScale([low, high], [0, 300]), null, 60);
    expect(found.length).toBeGreaterThan(0);
    for (let i = 1; i < found.length; i++) {
      const room = found[i].at - found[i - 1].at - (textWidth(found[i].text) + textWidth(found[i - 1].text)) / 2;
      if (found.length > 3) expect(room).toBeGreaterThan(0);
    }
  }
});

test("downsampling keeps the mean and stays under its limit", () => {
  const points = Array.from({ length: 1200 }, (_, step) => ({ step: step + 1, loss: Math.sin(step) + 3 }));
  const few = downsample(points, 150);
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  expect(few.length).toBe(150);
  expect(Math.abs(mean(few.map(({ loss }) => loss)) - mean(points.map(({ loss }) => loss)))).toBeLessThan(1e-12);
  expect(downsample(points.slice(0, 150), 150)).toEqual(points.slice(0, 150));
  expect(downsample(points.slice(0, 151), 150).length).toBeLessThanOrEqual(150);
});

test("there is a panel for every metric, curve and trained strategy, each with a unique id", () => {
  const figures = reportFigures(fixture());
  const panels = Object.fromEntries(figures.map(({ id, panels: of }) => [id, of.length]));
  expect(panels).toEqual({
    scores: 6,
    tradeoff: 4,
    "curve-small-loss": 10,
    "curve-large-loss": 10,
    "curve-answers": 10,
    "curve-choices": 10,
    losses: 11,
  });
  const same = fixture().strategies.map((strategy) => ({
    ...strategy,
    scores: strategy.scores.map((score, i) => ({ ...score, task: `task ${"?".repeat(i)}` })),
  }));
  const ids = reportFigures({ ...fixture(), strategies: same }).map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test("with one machine alone, the first figure is gap closed against exchanges, where it is defined", () => {
  const figures = reportFigures(fixtureWithAlone());
  const panels = Object.fromEntries(figures.map(({ id, panels: of }) => [id, of.length]));
  expect(figures[0].id).toBe("gap");
  expect(panels).toMatchObject({ gap: 3, scores: 6, "tradeoff-gap": 3, tradeoff: 4, "curve-answers": 13 });
});

/** Texts of a panel with their classes, without those of axes. */
function labelsOf(body: string): Map<string, string> {
  return new Map(
    [...body.matchAll(/<text[^>]* class="([^"]*)"[^>]*>([^<]*)<\/text>/g)].map(([, of, text]) => [text, of]),
  );
}

test("the gap figure labels every strategy with its time; the paper's are gray, those below −100% are listed", () => {
  const [{ panels }] = reportFigures(fixtureWithAlone());
  const labels = labelsOf(panels[0].body);
  for (const name of ["slerp-4", "rounds-2-union", "muloco-4", "muloco-16", "muloco-64"])
    expect([...labels.keys()]).toContain(`${name} (26%)`);
  expect(labels.get("slerp-4 (26%)")).toBe("tick halo");
  expect(labels.get("muloco-64 (26%)")).toMatch(/^f[1-6] halo$/);
  for (const text of ["vanilla", "one machine", "alone", "0%", "100%", "1", "4", "16", "64"])
    expect([...labels.keys()]).toContain(text);
  const outside = [...labels.keys()].filter((text) => text.includes("slerp-9") || text.includes("slerp-6")).join(" ");
  expect(outside).toContain("outside: slerp-9 −462.5%");
  expect(outside).toContain("slerp-6 −155.7%");
});

test("the gap figure holds one strategy and thirty, each with a label", () => {
  const [base, vanilla, alone] = fixtureWithAlone().strategies;
  const full = ["0-16", "0-16", "0-16", "0-16"];
  for (const count of [1, 30]) {
    for (const rounds of [() => 1, (i: number) => 1 + ((i * 7) % 64), (i: number) => 4 ** (i % 4)]) {
      const many = Array.from({ length: count }, (_, i) =>
        strategy(`variant-${i}`, full, 0.72 + (0.3 * ((i * 11) % 30)) / 30, i, rounds(i)),
      );
      const [figure] = reportFigures({ ...fixtureWithAlone(), strategies: [base, vanilla, alone, ...many] });
      expect(figure.id).toBe("gap");
      const labels = [...labelsOf(figure.panels[1].body).keys()];
      expect(labels.filter((text) => /^variant-\d+ \(\d+%\)$/.test(text))).toHaveLength(count);
    }
  }
});

test("every mark and every text is inside its panel", () => {
  for (const { panels } of [...reportFigures(fixture()), ...reportFigures(fixtureWithAlone())]) {
    for (const { width, height, body } of panels) {
      for (const [, name, value] of body.matchAll(/ (x1?|x2|cx|y1?|y2|cy)="([-\d.]+)"/g)) {
        expect(Number(value)).toBeGreaterThanOrEqual(0);
        expect(Number(value)).toBeLessThanOrEqual(name.includes("x") ? width : height);
      }
    }
  }
});
