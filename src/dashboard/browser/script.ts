/** What a page of the dashboard does in the browser: everything it shows was drawn by the server. */
import { followEvents } from "./events.js";
import { savePng } from "./png.js";
import { chooseTheme } from "./theme.js";
import { showValues } from "./values.js";

chooseTheme();
const values = showValues();
const events = followEvents(values.redraw);

addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const copied = target?.closest<HTMLElement>("[data-copy]");
  if (copied) void copy(copied);
  const png = target?.closest<HTMLElement>("[data-png]");
  if (png) void savePng(png.dataset.png ?? "", png.dataset.name ?? "figure.png");
  const link = target?.closest<HTMLAnchorElement>("a[href^='/?'], a[href='/']");
  const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0;
  if (link && isPlain && link.closest("#runs") === null) {
    event.preventDefault();
    open(link.href);
  }
});

// Each choice changes the address, so that a link to what is shown can be sent.
addEventListener("input", (event) => {
  const form = event.target instanceof Element ? event.target.closest<HTMLFormElement>("form.controls") : null;
  if (form) open(addressOf(form));
});
addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.target instanceof HTMLFormElement) open(addressOf(event.target));
});
addEventListener("popstate", () => {
  showChoices();
  events.restart();
});

function addressOf(form: HTMLFormElement): string {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of new FormData(form)) query.set(name, String(value));
  for (const name of ["strategy", "by", "smoothing"]) if (["", "0"].includes(query.get(name) ?? "")) query.delete(name);
  return `/?${query.toString()}`;
}

/** The controls show what the address says, also after "back". */
function showChoices(): void {
  const query = new URLSearchParams(location.search);
  const defaults = { smoothing: "0", strategy: "", by: "strategy" };
  for (const [name, value] of Object.entries(defaults))
    for (const control of document.querySelectorAll<HTMLInputElement>(`.controls [name=${name}]`))
      control.value = query.get(name) ?? value;
}

function open(address: string): void {
  history.pushState(null, "", address);
  showChoices();
  events.restart();
  if (location.hash !== "") document.querySelector(`#section-${location.hash.slice(1)}`)?.scrollIntoView();
  if (new URLSearchParams(location.search).has("job")) document.querySelector("#section-log")?.scrollIntoView();
}

async function copy(button: HTMLElement): Promise<void> {
  const text = button.dataset.copy ?? "";
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    // Without the right to use the clipboard: the command is selected, for the keyboard.
    const code = button.parentElement?.querySelector("code");
    if (code) getSelection()?.selectAllChildren(code);
    button.textContent = "Selected: press Ctrl-C";
  }
  setTimeout(() => (button.textContent = "Copy"), 2000);
}
