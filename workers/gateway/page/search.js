// Search over the tools, in the browser. Words are cut as the server cuts them (crates/catalog, terms.rs and search.rs), by the
// tables that come with the index; a test holds the two against each other.

const WORD = /[\p{Alphabetic}\p{N}]+/gu;
const encoder = new TextEncoder();
const size = (word) => encoder.encode(word).length;

function stemmer({ shortForms, british, endings, leastStem }) {
  const short = new Map(shortForms);
  const replaced = (word, table) => {
    for (const [ending, left] of table) {
      if (word.endsWith(ending) && size(word) - ending.length >= leastStem) return word.slice(0, -ending.length) + left;
    }
    return undefined;
  };
  const singular = (word) => {
    if (word.endsWith("ies") && size(word) - 3 >= leastStem) return `${word.slice(0, -3)}y`;
    if (size(word) <= leastStem || /(ss|us|is)$/.test(word)) return word;
    const plural = /(sses|xes|ches|shes)$/.test(word) ? "es" : "s";
    return word.endsWith(plural) ? word.slice(0, -plural.length) : word;
  };
  const undoubled = (stem) => {
    const letters = [...stem];
    const last = letters.at(-1);
    const doubled = last === letters.at(-2) && last !== "l" && last !== "s" && size(stem) > leastStem;
    return doubled ? letters.slice(0, -1).join("") : stem;
  };
  return (word) => {
    const whole = singular(short.get(word) ?? word);
    let stem = replaced(whole, british) ?? whole;
    for (let shorter = replaced(stem, endings); shorter !== undefined; shorter = replaced(stem, endings)) stem = undoubled(shorter);
    return stem;
  };
}

/** A function from a query to the places of the tools that fit it, best first. */
export function searcher({ terms: tables, leastPrefix, names, namesATool, index }) {
  const stem = stemmer(tables);
  const stop = new Set(tables.stopWords);
  const known = new Map(Object.entries(index));
  const terms = (text) => (text.toLowerCase().match(WORD) ?? []).filter((word) => size(word) > 1 && !stop.has(word)).map(stem);
  return (query) => {
    const scores = new Map();
    const add = (postings, halves) => {
      for (const [tool, score] of postings) scores.set(tool, (scores.get(tool) ?? 0) + Math.floor((score * halves) / 2));
    };
    const wanted = terms(query);
    for (const term of wanted) {
      if (known.has(term)) add(known.get(term), 2);
      else if (size(term) >= leastPrefix) {
        for (const [word, postings] of known) if (word.startsWith(term)) add(postings, 1);
      }
    }
    // "docker file" is "dockerfile" to many.
    for (let at = 1; at < wanted.length; at += 1) {
      const pair = known.get(wanted[at - 1] + wanted[at]);
      if (pair !== undefined) add(pair, 2);
    }
    const named = names.indexOf(query.trim());
    if (named >= 0) add([[named, namesATool]], 2);
    return [...scores].filter(([, score]) => score > 0).sort(([a, one], [b, other]) => other - one || a - b).map(([tool]) => tool);
  };
}
