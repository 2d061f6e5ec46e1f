// Pages of the web that nobody here wrote: demonstration pages and templates in npm packages.
import { files, read, tarball } from "../lib.mjs";

const PACKAGES = [
  ["admin-lte@3.2.0", /^(index.*|pages\/.*|starter)\.html$/],
  ["gentelella@1.4.0", /^(production|vendors)\/.*\.html$/],
  ["startbootstrap-agency@7.0.12", /^(?!.*vendor).*\.html$/],
  ["startbootstrap-business-casual@7.0.9", /^(?!.*vendor).*\.html$/],
  ["startbootstrap-clean-blog@6.0.9", /^(?!.*vendor).*\.html$/],
  ["startbootstrap-coming-soon@6.0.7", /^(?!.*vendor).*\.html$/],
  ["startbootstrap-creative@7.0.7", /^(?!.*vendor).*\.html$/],
  ["startbootstrap-freelancer@7.0.7", /^(?!.*vendor).*\.html$/],
  ["startbootstrap-grayscale@7.0.6", /^(?!.*vendor).*\.html$/],
  ["startbootstrap-landing-page@6.0.6", /^(?!.*vendor).*\.html$/],
  ["startbootstrap-modern-business@5.0.7", /^(?!.*vendor).*\.html$/],
  ["startbootstrap-new-age@6.0.7", /^(?!.*vendor).*\.html$/],
  ["startbootstrap-resume@7.0.6", /^(?!.*vendor).*\.html$/],
  ["startbootstrap-sb-admin@7.0.7", /^(?!.*vendor).*\.html$/],
  ["startbootstrap-sb-admin-2@4.1.4", /^(?!.*vendor).*\.html$/],
  ["startbootstrap-small-business@5.0.6", /^(?!.*vendor).*\.html$/],
  ["startbootstrap-stylish-portfolio@6.0.6", /^(?!.*vendor).*\.html$/],
];

/** The pages, `{name, html}`, neither scraps nor giants. */
export function pages() {
  return PACKAGES.flatMap(([specifier, keep]) => {
    const folder = tarball(specifier);
    return files(folder, (path) => keep.test(path)).map((path) => ({ name: `${specifier}/${path}`, html: read(folder, path) }));
  }).filter(({ html }) => html.length > 500 && html.length < 400_000 && /<body/i.test(html));
}

export const CORPUS = `pages of ${PACKAGES.length} npm packages`;
