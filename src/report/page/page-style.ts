import { maxNameWidth } from "./column-blocks.js";

/** The layout of a report on screens from 360 pixels and on paper; colors are those of the figures. */
export function pageStyle(): string {
  return `
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);
font:16px/1.5 system-ui,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif}
main{max-width:1280px;margin:0 auto;padding:24px 20px 64px;overflow-wrap:anywhere}
h1{margin:0 0 8px;font-size:28px;line-height:1.2}h2{margin:44px 0 6px;font-size:21px}
h3{margin:28px 0 4px;font-size:17px}
p,figcaption{margin:6px 0;max-width:85ch}.note,figcaption{color:var(--muted);font-size:14px}
.verdict{font-size:19px;border-left:4px solid var(--k1);padding:4px 0 4px 14px;margin:16px 0}
.caution{border-left:4px solid var(--k4);padding:2px 0 2px 14px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 18px;margin:16px 0;font-size:15px}dt{color:var(--muted)}
dd{margin:0}
nav{font-size:15px;margin:12px 0}nav a{display:inline-block;margin-right:14px}a{color:var(--k0)}
.save{font-size:14px;color:var(--muted)}
.wide{overflow-x:auto;margin:10px 0;width:fit-content;max-width:100%}
.tall{max-height:480px;overflow-y:auto}
table{border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums}
th,td{padding:5px 8px;border-bottom:1px solid var(--grid);text-align:left;vertical-align:top;overflow-wrap:normal}
thead th{vertical-align:bottom;border-bottom:1px solid var(--muted);font-weight:600;font-size:13px;line-height:1.3}
th.group{text-align:center;border-bottom:1px solid var(--grid);border-left:1px solid var(--grid)}
.first{border-left:1px solid var(--grid)}.number{text-align:right}td.number{white-space:nowrap}
td.best{font-weight:700}small{display:block;font-size:12px;font-weight:400;line-height:1.1;color:var(--muted)}
.name{position:sticky;left:0;background:var(--ground)}tbody th{font-weight:500}
tbody th span{display:block;width:max-content;max-width:${maxNameWidth}px;overflow-wrap:anywhere}
.tall thead{position:sticky;top:0;background:var(--ground);z-index:1}
tbody tr:hover{background:color-mix(in srgb,var(--grid) 45%,transparent)}
figure{margin:12px 0 28px}summary{font-size:17px;font-weight:600;margin:14px 0;cursor:pointer}
.panels{display:flex;align-items:flex-start;flex-wrap:wrap;gap:18px 22px;margin-top:10px}
.panels>svg{max-width:100%;height:auto}
code{font:14px ui-monospace,Menlo,Consolas,monospace;background:var(--grid);padding:1px 5px;border-radius:4px}
${tableEdges}${narrow()}${print()}`;
}

const shades = { light: "rgb(0 0 0/.28)", dark: "rgb(255 255 255/.3)" };

/** At the edges behind which a table continues: the covers move with the table, the shadows do not. */
export const tableEdges = shadows();
/** For a page where the reader can choose: `data-theme` of the root element is `light` or `dark`. */
export const chosenTableEdges = Object.entries(shades)
  .map(([theme, shade]) => `:root[data-theme=${theme}]{--shade:${shade}}\n`)
  .join("");

function shadows(): string {
  const cover = (to: string, place: string) =>
    `linear-gradient(to ${to},var(--ground) 35%,transparent) ${place} no-repeat local`;
  const shadow = (to: string, place: string) =>
    `linear-gradient(to ${to},var(--shade),transparent) ${place} no-repeat scroll`;
  const right = "right/48px 100%";
  const bottom = "bottom/100% 48px";
  const [edge, foot] = ["right/16px 100%", "bottom/100% 16px"];
  return (
    `:root{--shade:${shades.light}}@media screen and (prefers-color-scheme:dark){:root{--shade:${shades.dark}}}\n` +
    `.wide{background:${cover("left", right)},${shadow("left", edge)}}\n` +
    `.tall{background:${[cover("left", right), cover("top", bottom), shadow("left", edge), shadow("top", foot)]}}\n`
  );
}

function narrow(): string {
  return `@media(max-width:600px){main{padding:16px 12px 48px}h1{font-size:24px}h2{font-size:19px}
dl{gap:2px 12px}dt{max-width:30vw}.verdict{font-size:17px}.panels>svg{flex:1 1 100%}
tbody th span{max-width:38vw}.wide .name{border-right:1px solid var(--grid)}}
`;
}

/**
 * A4, landscape: the widest tables and two panels, or three small ones, fit side by side. Nothing is folded. Panels are
 * inline, because a break before the first row of a flex container separates it from its heading.
 */
function print(): string {
  return `@page{size:A4 landscape;margin:12mm 10mm 14mm;
@bottom-right{content:counter(page) " / " counter(pages);font:9pt sans-serif;color:#57606a}}
@media print{body{font-size:14px}main{max-width:none;padding:0}.save,nav.files{display:none}
.wide,.tall{overflow:visible;max-height:none;background:none}.name,.tall thead{position:static}
table{font-size:11.5px}thead{display:table-header-group}thead th{font-size:11px}small{font-size:10px}
th,td{padding:3px 5px}h2{margin-top:28px}
tr,dl,p,figcaption,.panels>svg,.wide:not(.tall){break-inside:avoid}
h2,h3,summary,figcaption,.note{break-after:avoid}
.panels{display:block}.panels>svg{max-width:49%;margin:0 .5% 8px 0;vertical-align:top}.panels.small>svg{max-width:32.5%}
summary{list-style:none}details::details-content{content-visibility:visible;block-size:auto}}
`;
}
