/**
 * Puts the regions that the server sends into the page. The browser connects again by itself.
 *
 * @param onChange  called after regions have changed
 */
export function followEvents(onChange: () => void): { restart(): void } {
  let source: EventSource | null = null;
  const restart = () => {
    source?.close();
    source = new EventSource(`/events${location.search}`);
    source.addEventListener("regions", (event) => {
      const regions = JSON.parse((event as MessageEvent<string>).data) as Record<string, string>;
      for (const [id, html] of Object.entries(regions)) replace(id, html);
      onChange();
    });
    source.addEventListener("open", () => say(""));
    source.addEventListener("error", () => say("No connection to the dashboard: trying again."));
  };
  restart();
  return { restart };
}

function say(text: string): void {
  const place = document.querySelector("#connection");
  if (place !== null && place.textContent !== text) place.textContent = text;
}

/** Keeps what the reader has done with a region: the positions of its boxes, what is unfolded, and the focus. */
function replace(id: string, html: string): void {
  const region = document.getElementById(id);
  if (region === null) return;
  const boxes = () => [...region.querySelectorAll<HTMLElement>(".wide, pre")];
  const positions = boxes().map(({ scrollLeft, scrollTop }) => [scrollLeft, scrollTop] as const);
  const open = new Set([...region.querySelectorAll("details[open]")].map((one) => one.id));
  const focused = region.contains(document.activeElement) ? pathOf(document.activeElement as Element, region) : null;
  // A log that shows its end shows the new end.
  const atEnd = boxes().map((box) => box.scrollTop + box.clientHeight >= box.scrollHeight - 4);
  region.innerHTML = html;
  for (const [index, box] of boxes().entries()) {
    const [left, top] = positions[index] ?? [0, box.closest(".log") ? box.scrollHeight : 0];
    box.scrollLeft = left;
    box.scrollTop = atEnd[index] && box.closest(".log") !== null ? box.scrollHeight : top;
  }
  for (const one of region.querySelectorAll("details")) if (open.has(one.id)) one.open = true;
  if (focused !== null) elementAt(focused, region)?.focus({ preventScroll: true });
}

function pathOf(element: Element, root: Element): number[] {
  const path: number[] = [];
  for (let at: Element | null = element; at !== null && at !== root; at = at.parentElement)
    path.unshift([...(at.parentElement?.children ?? [])].indexOf(at));
  return path;
}

function elementAt(path: readonly number[], root: Element): HTMLElement | SVGElement | null {
  const found = path.reduce<Element | undefined>((at, index) => at?.children[index], root);
  return found instanceof HTMLElement || found instanceof SVGElement ? found : null;
}
