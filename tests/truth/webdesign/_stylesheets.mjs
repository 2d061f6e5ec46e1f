// Stylesheets of popular packages, as published.
import { files, join, read, tarball } from "../lib.mjs";

const packages = [
  "bootstrap@5.3.3", "bootstrap@4.6.2", "bootstrap@3.4.1", "bulma@1.0.2", "bulma@0.9.4", "normalize.css@8.0.1", "animate.css@4.1.1", "tachyons@4.12.0", "@picocss/pico@2.0.6", "milligram@1.4.1",
  "spectre.css@0.5.9", "purecss@3.0.0", "uikit@3.21.13", "materialize-css@1.0.0", "skeleton-css@2.0.4", "github-markdown-css@5.7.0", "leaflet@1.9.4", "swiper@11.1.14", "video.js@8.17.4", "highlight.js@11.10.0",
  "prismjs@1.29.0", "font-awesome@4.7.0", "open-props@1.7.6", "codemirror@5.65.18", "quill@2.0.2", "select2@4.0.13", "flatpickr@4.6.13", "nprogress@0.2.0", "toastr@2.1.4", "sweetalert2@11.14.1",
  "slick-carousel@1.8.1", "katex@0.16.11", "mini.css@3.0.1", "water.css@2.1.1", "hover.css@2.3.2", "sanitize.css@13.0.0", "modern-normalize@3.0.1", "react-toastify@10.0.5", "react-datepicker@7.4.0", "rc-slider@11.1.6",
];

/** `[name, text]` of each, none longer than `most` bytes, minified ones left out. */
export function stylesheets(most = 400_000) {
  const all = [];
  for (const specifier of packages) {
    let folder;
    try {
      folder = tarball(specifier);
    } catch {
      process.stderr.write(`  left out: ${specifier} is not to be had\n`);
      continue;
    }
    const paths = files(folder, (path) => path.endsWith(".css") && !path.endsWith(".min.css") && !path.includes("node_modules"));
    const texts = paths.map((path) => [`${specifier}/${path}`, read(folder, path)]).filter(([, text]) => text.length > 200 && text.length < most && text.split("\n").length > text.length / 500);
    all.push(...texts.slice(0, 6));
  }
  return all;
}
