/** As the server's `Plot`. */
interface Plot {
  readonly box: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number };
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  readonly lines: readonly { readonly label: string; readonly points: readonly (readonly [number, number])[] }[];
}

const maxRows = 12;

/**
 * Shows the values of a panel's lines at the pointer, or at the arrow keys while the panel has the focus.
 *
 * @returns `redraw`, to be called after panels were drawn again
 */
export function showValues(): { redraw(): void } {
  const box = document.createElement("div");
  box.id = "values";
  box.hidden = true;
  // Screen readers say what the arrow keys show.
  box.setAttribute("role", "status");
  document.body.append(box);
  let shown: { readonly name: string | null; readonly step: number } | null = null;
  const hide = () => {
    shown = null;
    box.hidden = true;
    for (const old of document.querySelectorAll(".cursor")) old.remove();
  };
  const show = (panel: SVGSVGElement, step: number) => {
    hide();
    const plot = JSON.parse(panel.dataset.plot ?? "null") as Plot | null;
    if (plot === null || !draw(box, plot, step)) return;
    drawCursor(panel, plot, step);
    shown = { name: panel.getAttribute("aria-label"), step };
    const area = panel.getBoundingClientRect();
    box.hidden = false;
    const left = Math.min(area.left + 60, innerWidth - box.offsetWidth - 8);
    box.style.setProperty("left", `${Math.max(4, left) + scrollX}px`);
    box.style.setProperty("top", `${area.bottom + scrollY + 4}px`);
  };
  addEventListener("pointermove", (event) => {
    const panel = event.target instanceof Element ? event.target.closest<SVGSVGElement>("svg[data-plot]") : null;
    if (panel === null) return document.activeElement?.matches("svg[data-plot]") ? undefined : hide();
    return show(panel, stepAt(panel, event.clientX));
  });
  let keyStep = 0;
  addEventListener("keydown", (event) => {
    const panel = document.activeElement?.closest<SVGSVGElement>("svg[data-plot]");
    if (!panel) return;
    if (event.key === "Escape") return hide();
    const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (direction === undefined) return;
    event.preventDefault();
    const [low, high] = (JSON.parse(panel.dataset.plot ?? "null") as Plot).x;
    keyStep = Math.min(high, Math.max(Math.max(0, low), keyStep + (direction * (high - low)) / 50));
    show(panel, keyStep);
  });
  const redraw = () => {
    if (shown === null) return;
    const { name, step } = shown;
    const panels = [...document.querySelectorAll<SVGSVGElement>("svg[data-plot]")];
    const panel = panels.find((one) => one.getAttribute("aria-label") === name);
    if (panel === undefined) hide();
    else show(panel, step);
  };
  return { redraw };
}

function stepAt(panel: SVGSVGElement, clientX: number): number {
  const { box, x } = JSON.parse(panel.dataset.plot ?? "null") as Plot;
  const area = panel.getBoundingClientRect();
  const at = ((clientX - area.left) / area.width) * panel.viewBox.baseVal.width;
  return x[0] + ((at - box.left) / (box.right - box.left)) * (x[1] - x[0]);
}

/** @returns whether there is a value near the step */
function draw(box: HTMLElement, { lines }: Plot, step: number): boolean {
  const found = lines.flatMap(({ label, points }) => {
    const nearest = nearestTo(points, step);
    return nearest === null ? [] : [{ label, step: nearest[0], value: nearest[1] }];
  });
  if (found.length === 0) return false;
  const table = document.createElement("table");
  for (const { label, step: at, value } of found.slice(0, maxRows)) {
    const row = table.insertRow();
    row.insertCell().textContent = label;
    row.insertCell().textContent = `step ${Math.round(at)}`;
    row.insertCell().textContent = value.toFixed(4);
  }
  box.replaceChildren(table);
  if (found.length > maxRows) box.append(`and ${found.length - maxRows} more`);
  return true;
}

function nearestTo(points: Plot["lines"][number]["points"], step: number): readonly [number, number] | null {
  let best: readonly [number, number] | null = null;
  for (const point of points) if (best === null || Math.abs(point[0] - step) < Math.abs(best[0] - step)) best = point;
  return best;
}

function drawCursor(panel: SVGSVGElement, { box, x }: Plot, step: number): void {
  const at = box.left + ((step - x[0]) / (x[1] - x[0])) * (box.right - box.left);
  if (at < box.left || at > box.right) return;
  const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
  const places = { x1: at, x2: at, y1: box.top, y2: box.bottom, class: "cursor" };
  for (const [name, value] of Object.entries(places)) line.setAttribute(name, String(value));
  panel.append(line);
}
