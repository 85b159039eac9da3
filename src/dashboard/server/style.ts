import { chosenTableEdges, tableEdges } from "../../report/page/page-style.js";
import { chosenSchemeStyle, figureStyle } from "../../report/figures/svg.js";

const pageStyle = `
*{box-sizing:border-box}
html{color-scheme:light dark}:root[data-theme=light]{color-scheme:light}:root[data-theme=dark]{color-scheme:dark}
body{margin:0;background:var(--ground);color:var(--ink);
font:15px/1.45 system-ui,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif}
header{position:sticky;top:0;z-index:2;display:flex;flex-wrap:wrap;gap:4px 18px;align-items:baseline;
padding:8px 20px;background:var(--ground);border-bottom:1px solid var(--grid)}
header h1{margin:0;font-size:20px}header #runs{flex:1 1 12em;min-width:0}
nav{display:flex;flex-wrap:wrap;gap:2px 12px}nav a[aria-current]{font-weight:700;color:var(--ink)}
main,footer{max-width:1200px;margin:0 auto;padding:4px 20px}
h2{margin:34px 0 6px;font-size:19px}h3{margin:18px 0 4px;font-size:16px}p{margin:6px 0;max-width:90ch}
a{color:var(--k0)}
a:focus-visible,button:focus-visible,[tabindex]:focus-visible{outline:2px solid var(--k0);outline-offset:2px}
.note,figcaption{color:var(--muted);font-size:14px}.quiet{font-weight:400;font-size:14px}
.verdict{font-size:17px;border-left:4px solid var(--k1);padding:3px 0 3px 12px}
.caution{border-left:4px solid var(--k4);padding:2px 0 2px 12px}
progress{accent-color:var(--k0);width:100%;height:8px;vertical-align:middle}progress.whole{height:14px}
.counts .state{margin-left:12px;white-space:nowrap}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:2px 16px;margin:10px 0}dt{color:var(--muted)}
dd{margin:0;overflow-wrap:anywhere}
.state.done{color:var(--k2)}.state.running{color:var(--k0);font-weight:600}
.state.failed{color:var(--k1);font-weight:700}
.state.queued{color:var(--k4)}.state.waiting{color:var(--muted)}
.wide{overflow-x:auto;margin:8px 0;width:fit-content;max-width:100%}.tall{max-height:460px;overflow-y:auto}
.name,.wide tbody th{position:sticky;left:0;background:var(--ground)}
tbody th span{display:block;width:max-content;max-width:38vw;overflow-wrap:anywhere}
.tall thead,.lane thead{position:sticky;top:0;background:var(--ground);z-index:1}
table{border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums}
th,td{padding:4px 9px;border-bottom:1px solid var(--grid);text-align:left;vertical-align:top}
thead th{border-bottom:1px solid var(--muted);font-weight:600;white-space:nowrap}
tbody th{font-weight:500}.number{text-align:right}td.number{white-space:nowrap}td.best{font-weight:700}
th.group{text-align:center;border-left:1px solid var(--grid)}.first{border-left:1px solid var(--grid)}
small{display:block;font-size:12px;font-weight:400;color:var(--muted)}
td.job{min-width:9em;border-left:1px solid var(--grid)}td.job a{display:block;color:inherit;text-decoration:none}
td.job a:hover{text-decoration:underline}
td.job .detail{display:block;color:var(--muted);font-size:13px;white-space:nowrap}
td.job progress{width:7em;margin-right:6px}
td.job .reason{white-space:normal;min-width:15em;max-width:26em}
td .state{white-space:nowrap}.jobs th a{display:block;min-width:11em}.jobs td:nth-child(3){min-width:11em}
.small td.job{min-width:0;padding:0 3px;text-align:center}.small tbody th{padding:0 6px}
.failure{border-left:4px solid var(--k1);padding:2px 0 2px 12px;margin:10px 0}.failure h3{margin:0}
pre.failure{padding:10px}
pre{margin:6px 0;padding:10px;background:color-mix(in srgb,var(--grid) 45%,transparent);border-radius:4px;
font:13px/1.4 ui-monospace,Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
.recipe,.log pre{max-height:420px;overflow-y:auto}mark{background:var(--k4);color:var(--ground);padding:0 2px}
code{font:13px ui-monospace,Menlo,Consolas,monospace;background:var(--grid);padding:1px 5px;border-radius:4px;
overflow-wrap:anywhere}
figure{margin:8px 0 22px}.panels{display:flex;align-items:flex-start;flex-wrap:wrap;gap:16px 20px;margin-top:8px}
.panels svg{flex:none;max-width:100%;height:auto}.save{margin:2px 0}
button,select,input{font:inherit;color:inherit}button,select{background:var(--ground);border:1px solid var(--muted);
border-radius:4px;padding:1px 8px;cursor:pointer}.controls{display:flex;flex-wrap:wrap;gap:6px 22px;margin:6px 0}
.controls label{display:inline-flex;gap:6px;align-items:center}.theme{color:var(--muted);font-size:14px}
#connection{margin:0}#connection:empty{display:none}
#values{position:absolute;z-index:3;pointer-events:none;background:var(--ground);border:1px solid var(--muted);
border-radius:4px;padding:4px 8px;font-size:13px;max-width:22em}#values[hidden]{display:none}
#values table{font-size:13px}#values td,#values th{padding:0 6px 0 0;border:0}
.cursor{stroke:var(--muted);stroke-dasharray:3 3}
@media(max-width:600px){header,main,footer{padding-left:12px;padding-right:12px}dl{grid-template-columns:minmax(0,1fr)}
dd{margin-bottom:4px}}
@media(prefers-reduced-motion:no-preference){progress{transition:all .3s}}
`;

/** The style sheet of all pages, with that of the report's figures. */
export const style = figureStyle + chosenSchemeStyle + pageStyle + tableEdges + chosenTableEdges;
