// Preloaded into Node by sanitize.mjs: replaces the program's addon by the one that was built with sanitizers.
"use strict";
const { writeFileSync } = require("node:fs");
const { STRATA_SANITIZED_ADDON: addon, STRATA_SANITIZED_LOADED: loaded } = process.env;

const dlopen = process.dlopen;
process.dlopen = function (module, path, ...flags) {
  if (!path.endsWith("native/build/strata.node")) return dlopen.call(process, module, path, ...flags);
  writeFileSync(loaded, "");
  return dlopen.call(process, module, addon, ...flags);
};
