// Writes vendor.js and vendor.css from the published uPlot, each under its licence: `node workers/tail/dashboard/vendor.mjs`.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fileOf } from "../../../tests/e2e/packages.mjs";

const UPLOT = "uplot@1.6.32";

/** The text of each vendored file, by name. */
export function vendored() {
  const licence = fileOf(UPLOT, "LICENSE").trimEnd().replaceAll("\r\n", "\n");
  const head = (path) => `/*! ${UPLOT}, ${path}\n\n${licence}\n*/\n`;
  const script = fileOf(UPLOT, "dist/uPlot.iife.min.js").trimEnd();
  const style = fileOf(UPLOT, "dist/uPlot.min.css").trimEnd();
  return {
    "vendor.js": `${head("dist/uPlot.iife.min.js")}${script}\nexport default uPlot;\n`,
    "vendor.css": `${head("dist/uPlot.min.css")}${style}\n`,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, text] of Object.entries(vendored())) writeFileSync(new URL(name, import.meta.url), text);
}
