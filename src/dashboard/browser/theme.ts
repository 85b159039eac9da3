/** Colors as the system has them, light or dark; the choice is kept in this browser. */
export function chooseTheme(): void {
  const select = document.querySelector<HTMLSelectElement>("#theme");
  const apply = (theme: string) => {
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
  };
  const kept = localStorage.getItem("strata-theme") ?? "system";
  apply(kept);
  if (select === null) return;
  select.value = kept;
  select.addEventListener("change", () => {
    localStorage.setItem("strata-theme", select.value);
    apply(select.value);
  });
}
