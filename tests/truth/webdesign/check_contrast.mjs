// WCAG 2 ratio and APCA lightness contrast of pairs of colours, against colorjs.io and apca-w3. The colours are those of open
// palettes, in hexadecimal and in OKLCH, which is converted by colorjs.io for apca-w3.
import { Tally, call, npm, sample } from "../lib.mjs";

const { load, require } = npm({ "colorjs.io": "0.5.2", "apca-w3": "0.1.9", "open-color": "1.9.1", "tailwindcss": "3.4.17", "material-colors": "1.2.6" });
const { default: Color } = await load("colorjs.io");
const { calcAPCA } = await load("apca-w3");

const hexes = new Set();
const collect = (value) => {
  if (typeof value === "string" && /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(value)) hexes.add(value.toLowerCase());
  else if (value && typeof value === "object") Object.values(value).forEach(collect);
};
for (const name of ["open-color/open-color.json", "material-colors", "tailwindcss/lib/public/colors.js"]) collect(require(name));
const palette = [...hexes].sort();

const pairs = [];
for (let at = 0; pairs.length < 10_000; at += 1) {
  const [text, ground] = [palette[(at * 7919) % palette.length], palette[(at * 104_729 + 31 * Math.floor(at / palette.length)) % palette.length]];
  pairs.push([text, ground]);
}

const about = { tool: "webdesign_check_contrast", corpus: `pairs of ${palette.length} colours of open-color, material-colors and Tailwind`, bars: { equal: 1 } };
// The ratio by WCAG's own definition, word by word.
const linear = (byte) => (byte / 255 <= 0.04045 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4);
const six = (hex) => (hex.length === 4 ? hex.replace(/[^#]/g, "$&$&") : hex);
const luminance = (hex) => [0.2126, 0.7152, 0.0722].reduce((sum, weight, at) => sum + weight * linear(parseInt(six(hex).slice(1 + 2 * at, 3 + 2 * at), 16)), 0);
const defined = (name) => {
  const [dark, light] = name.split(" on ").map(luminance).sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};
const ratios = new Tally({
  ...about,
  peer: "colorjs.io 0.5.2 (WCAG 2.1 ratio to 1e-4; ours is cut at the fourth decimal)",
  explain: (_, { ours }, name) => (Math.abs(ours - defined(name)) <= 1.01e-4 ? "the peer's luminance is the Y of XYZ, whose weights have more digits than WCAG's definition" : undefined),
});
const lightness = new Tally({ ...about, peer: "apca-w3 0.1.9 (Lc to 1e-4)" });
const chosen = sample(pairs, 500);
for (let at = 0; at < chosen.length; at += 50) {
  const some = chosen.slice(at, at + 50);
  const { report } = await call("check_contrast", { pairs: some.map(([text, ground]) => `${text} on ${ground}`), output: { maxFindings: 1000 } });
  some.forEach(([text, ground], index) => {
    const { ratio, lc } = report.data.pairs[index];
    const name = `${text} on ${ground}`;
    const theirs = new Color(text).contrast(new Color(ground), "WCAG21");
    ratios.equal(name, ratio, Math.abs(ratio - theirs) <= 1e-4 ? ratio : theirs);
    lightness.equal(name, Math.abs(lc - calcAPCA(text, ground, 20)) <= 1e-4, true);
  });
}
ratios.done();
lightness.done();
