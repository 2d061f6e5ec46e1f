// Writes css_names.txt: the names CSS and HTML know, from MDN's data, which is in the public domain (CC0 1.0):
// https://github.com/mdn/data and https://github.com/mdn/browser-compat-data.
//
//   npm install mdn-data@2.27.1 @mdn/browser-compat-data@8.1.9 && node generate_names.mjs
import { createRequire } from "node:module";
import { writeFileSync } from "node:fs";

const require = createRequire(`${process.env.NAMES_FROM ?? process.cwd()}/package.json`);
const mdn = require("mdn-data");
const bcd = require("@mdn/browser-compat-data");
const keys = (object) => Object.keys(object ?? {}).filter((key) => key !== "__compat");
const plain = (names) => [...new Set(names.map((name) => name.toLowerCase()))].filter((name) => /^[a-z][a-z0-9-]*$/.test(name)).sort();

const selectors = Object.keys(mdn.css.selectors).map((name) => name.replace("()", ""));
// Names that standards define or defined, and MDN leaves out.
const more = {
  property: "accelerator audio-level azimuth behavior chains color-profile cue cue-after cue-before elevation enable-background filter flow glyph-orientation-horizontal glyph-orientation-vertical grid-columns grid-rows ime-mode inset-area kerning layout-flow layout-grid line-increment marker-offset marks mask-position-x mask-position-y motion motion-offset motion-path motion-rotation nav-down nav-index nav-left nav-right nav-up offset-block-end offset-block-start offset-inline-end offset-inline-start pause pause-after pause-before perspective-origin-x perspective-origin-y pitch pitch-range play-during position-try-options rest rest-after rest-before richness scrollbar-3dlight-color scrollbar-arrow-color scrollbar-base-color scrollbar-darkshadow-color scrollbar-face-color scrollbar-highlight-color scrollbar-shadow-color scrollbar-track-color size speak speak-as speak-header speak-numeral speak-punctuation speech-rate stress text-autospace text-kashida-space text-line-through transform-origin-x transform-origin-y transform-origin-z voice-balance voice-duration voice-family voice-pitch voice-range voice-rate voice-stress voice-volume volume word-space-transform writing-mode zoom",
  "pseudo-class": "contains drop fullscreen-ancestor heading matches nth-column nth-last-column top-layer unchecked unresolved user-error window-inactive focus-ring",
  "pseudo-element": "content shadow slotted scroll-button column interest-button",
  "at-rule": "annotation apply bottom-center bottom-left bottom-left-corner bottom-right bottom-right-corner character-variant charset custom-selector historical-forms left-bottom left-middle left-top nest ornaments right-bottom right-middle right-top scroll-timeline styleset stylistic swash top-center top-left top-left-corner top-right top-right-corner viewport",
  element: "altglyph altglyphdef altglyphitem animatecolor applet basefont bgsound blink color-profile content cursor font-face font-face-format font-face-name font-face-src font-face-uri glyph glyphref hatch hatchpath hkern isindex keygen listbox listing menuitem mglyph missing-glyph mlabeledtr mlongdiv mscarries mscarry msgroup msline msrow mstack multicol nextid none portal popup selectlist selectmenu shadow spacer tref vkern",
  unit: "dvb dvh dvi dvmax dvmin dvw lh lvb lvh lvi lvmax lvmin lvw rcap rch rex ric rlh svb svh svi svmax svmin svw vb vi vm",
};
const with_more = (kind, names) => plain([...names, ...more[kind].split(" ")]);
// The longhands of a shorthand, of those that are shorthands again too.
const parts = (name, seen = new Set()) => {
  // There MDN names the physical sides, one of which it is.
  if (/^border-(block|inline)-(start|end)$/.test(name)) return ["color", "style", "width"].map((part) => `${name}-${part}`);
  const { initial, computed } = mdn.css.properties[name] ?? {};
  const list = [initial, computed].find(Array.isArray) ?? [];
  for (const part of list) if (part !== name && !seen.has(part)) parts(part, seen.add(part));
  return [...seen];
};
// Descriptors of at-rules are told apart from properties by where they stand.
const lines = {
  property: with_more("property", [...Object.keys(mdn.css.properties), ...keys(bcd.css.properties)]),
  "pseudo-class": with_more("pseudo-class", selectors.filter((name) => /^:[a-z]/.test(name)).map((name) => name.slice(1))),
  "pseudo-element": with_more("pseudo-element", selectors.filter((name) => name.startsWith("::")).map((name) => name.slice(2))),
  "at-rule": with_more("at-rule", [...Object.keys(mdn.css.atRules).map((name) => name.slice(1)), ...keys(bcd.css["at-rules"])]),
  element: with_more("element", [...keys(bcd.html.elements), ...keys(bcd.svg.elements), ...keys(bcd.mathml.elements)]),
  unit: with_more("unit", [...Object.keys(mdn.css.units), "x", "cqw", "cqh", "cqi", "cqb", "cqmin", "cqmax"]),
};
writeFileSync(new URL("css_names.txt", import.meta.url), `# written by generate_names.mjs from MDN's data (CC0 1.0)\n${Object.entries(lines).map(([kind, names]) => `${kind} ${names.join(" ")}\n`).join("")}${Object.keys(mdn.css.properties).filter((name) => /^[a-z]/.test(name) && parts(name).length > 1).sort().map((name) => `shorthand ${name} ${parts(name).sort().join(" ")}\n`).join("")}`);
