import { expect, test } from "vitest";
import { nextRandom } from "./sequence.js";
import { reportFigures } from "../../src/report/figures/figures.js";
import { downsample } from "../../src/report/figures/loss-figure.js";
import { placeLabels } from "../../src/report/figures/place-labels.js";
import { ticks, paddedScale, type Box } from "../../src/report/figures/axes.js";
import { textWidth } from "../../src/report/figures/svg.js";
import { fixture } from "./fixture.js";

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

test("every mark and every text is inside its panel", () => {
  for (const { panels } of reportFigures(fixture())) {
    for (const { width, height, body } of panels) {
      for (const [, name, value] of body.matchAll(/ (x1?|x2|cx|y1?|y2|cy)="([-\d.]+)"/g)) {
        expect(Number(value)).toBeGreaterThanOrEqual(0);
        expect(Number(value)).toBeLessThanOrEqual(name.includes("x") ? width : height);
      }
    }
  }
});
