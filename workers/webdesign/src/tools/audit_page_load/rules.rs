//! The rules, with Lighthouse's ids where it has one.

use octavo_toolkit::{Level, Rule, RuleDocs, rule_docs};

const fn rule(id: &'static str, level: Level, summary: &'static str, docs: RuleDocs) -> Rule {
    Rule { id, level, summary, docs }
}

#[cfg(not(target_arch = "wasm32"))]
const LIGHTHOUSE: &str = "Lighthouse performance audits, https://developer.chrome.com/docs/lighthouse/performance/";

pub(super) const HAR_SYNTAX: Rule = rule(
    "har-syntax",
    Level::Error,
    "A recording is JSON as HAR 1.2 says, with a list of entries.",
    rule_docs!(
        why: "A recording that is cut off or of another format says nothing of the page.",
        wrong: "{\"log\":{\"entries\":[",
        right: "{\"log\":{\"entries\":[]}}",
        source: "HAR 1.2, http://www.softwareishard.com/blog/har-12-spec/"
    ),
);
pub(super) const REDIRECTS: Rule = rule(
    "redirects",
    Level::Warning,
    "The document is reached without redirects.",
    rule_docs!(
        why: "Each redirect is a round trip, often with a new connection, before the first byte of the page.",
        wrong: "{\"log\":{\"entries\":[{\"time\":200,\"request\":{\"url\":\"https://a.example/\"},\"response\":{\"status\":301,\"redirectURL\":\"https://www.a.example/\"}},{\"request\":{\"url\":\"https://www.a.example/\"},\"response\":{\"status\":200}}]}}",
        right: "{\"log\":{\"entries\":[{\"request\":{\"url\":\"https://www.a.example/\"},\"response\":{\"status\":200}}]}}",
        source: LIGHTHOUSE
    ),
);
pub(super) const SERVER_TIME: Rule = rule(
    "server-response-time",
    Level::Warning,
    "The server begins to answer the document within 600 ms.",
    rule_docs!(
        why: "Nothing can be shown, and nothing else be asked for, before the document begins to come.",
        wrong: "{\"log\":{\"entries\":[{\"request\":{\"url\":\"https://a.example/\"},\"response\":{\"status\":200},\"timings\":{\"wait\":1400}}]}}",
        right: "{\"log\":{\"entries\":[{\"request\":{\"url\":\"https://a.example/\"},\"response\":{\"status\":200},\"timings\":{\"wait\":140}}]}}",
        source: LIGHTHOUSE
    ),
);
pub(super) const COMPRESSION: Rule = rule(
    "uses-text-compression",
    Level::Warning,
    "Texts over 2,000 bytes come compressed.",
    rule_docs!(
        why: "Brotli, Zstandard or gzip take markup, styles and scripts to a fifth to a third of their size.",
        wrong: "{\"log\":{\"entries\":[{\"request\":{\"url\":\"https://a.example/\"},\"response\":{\"status\":200,\"bodySize\":9000,\"content\":{\"mimeType\":\"text/html\",\"size\":9000}}}]}}",
        right: "{\"log\":{\"entries\":[{\"request\":{\"url\":\"https://a.example/\"},\"response\":{\"status\":200,\"bodySize\":2000,\"content\":{\"mimeType\":\"text/html\",\"size\":9000},\"headers\":[{\"name\":\"Content-Encoding\",\"value\":\"br\"}]}}]}}",
        source: LIGHTHOUSE
    ),
);
pub(super) const CACHE: Rule = rule(
    "uses-long-cache-ttl",
    Level::Warning,
    "Images, fonts, scripts and styles may be kept for long.",
    rule_docs!(
        why: "A visitor who comes back loads again what could have been kept; a name with a content hash may be kept for a year.",
        wrong: "{\"log\":{\"entries\":[{\"request\":{\"url\":\"https://a.example/a.css\"},\"response\":{\"status\":200,\"bodySize\":9000,\"content\":{\"mimeType\":\"text/css\"},\"headers\":[{\"name\":\"Cache-Control\",\"value\":\"max-age=600\"}]}}]}}",
        right: "{\"log\":{\"entries\":[{\"request\":{\"url\":\"https://a.example/a.css\"},\"response\":{\"status\":200,\"bodySize\":9000,\"content\":{\"mimeType\":\"text/css\"},\"headers\":[{\"name\":\"Cache-Control\",\"value\":\"max-age=31536000, immutable\"}]}}]}}",
        source: LIGHTHOUSE
    ),
);
pub(super) const RENDER_BLOCKING: Rule = rule(
    "render-blocking-resources",
    Level::Warning,
    "Scripts and styles in the head do not hold up the first paint.",
    rule_docs!(
        why: "The browser shows nothing until each of them has come, and for scripts until it has run.",
        wrong: "<!doctype html><head><script src=a.js></script></head>",
        right: "<!doctype html><head><script src=a.js defer></script></head>",
        source: LIGHTHOUSE
    ),
);
pub(super) const BYTE_WEIGHT: Rule = rule(
    "total-byte-weight",
    Level::Warning,
    "A page loads at most 2,667 KiB.",
    rule_docs!(
        why: "Bytes cost people money and time; nine of ten sites stay below.",
        wrong: "{\"log\":{\"entries\":[{\"request\":{\"url\":\"https://a.example/a.mp4\"},\"response\":{\"status\":200,\"bodySize\":4000000}}]}}",
        right: "{\"log\":{\"entries\":[{\"request\":{\"url\":\"https://a.example/a.mp4\"},\"response\":{\"status\":200,\"bodySize\":400000}}]}}",
        source: LIGHTHOUSE
    ),
);
pub(super) const HTTP2: Rule = rule(
    "uses-http2",
    Level::Warning,
    "A host with six requests or more answers by HTTP/2 or 3.",
    rule_docs!(
        why: "HTTP/1.1 fetches one thing at a time on each of at most six connections.",
        wrong: "{\"log\":{\"entries\":[{\"request\":{\"url\":\"https://a.example/1\"},\"response\":{\"status\":200,\"httpVersion\":\"HTTP/1.1\"}},{\"request\":{\"url\":\"https://a.example/2\"},\"response\":{\"status\":200,\"httpVersion\":\"HTTP/1.1\"}},{\"request\":{\"url\":\"https://a.example/3\"},\"response\":{\"status\":200,\"httpVersion\":\"HTTP/1.1\"}},{\"request\":{\"url\":\"https://a.example/4\"},\"response\":{\"status\":200,\"httpVersion\":\"HTTP/1.1\"}},{\"request\":{\"url\":\"https://a.example/5\"},\"response\":{\"status\":200,\"httpVersion\":\"HTTP/1.1\"}},{\"request\":{\"url\":\"https://a.example/6\"},\"response\":{\"status\":200,\"httpVersion\":\"HTTP/1.1\"}}]}}",
        right: "{\"log\":{\"entries\":[{\"request\":{\"url\":\"https://a.example/1\"},\"response\":{\"status\":200,\"httpVersion\":\"h2\"}}]}}",
        source: LIGHTHOUSE
    ),
);
pub(super) const FAILED: Rule = rule(
    "failed-request",
    Level::Error,
    "Every request is answered without an error.",
    rule_docs!(
        why: "What is missing is missed on the page, and an error page in its place was loaded for nothing.",
        wrong: "{\"log\":{\"entries\":[{\"request\":{\"url\":\"https://a.example/logo.svg\"},\"response\":{\"status\":404}}]}}",
        right: "{\"log\":{\"entries\":[{\"request\":{\"url\":\"https://a.example/logo.svg\"},\"response\":{\"status\":200}}]}}",
        source: "RFC 9110 section 15.5, https://www.rfc-editor.org/rfc/rfc9110#section-15.5"
    ),
);
pub(super) const HTTPS: Rule = rule(
    "is-on-https",
    Level::Error,
    "Everything comes encrypted.",
    rule_docs!(
        why: "Anyone on the way can read and change the rest; browsers block it on an encrypted page, and HTTP/2 needs encryption.",
        wrong: "{\"log\":{\"entries\":[{\"request\":{\"url\":\"http://a.example/\"},\"response\":{\"status\":200}}]}}",
        right: "{\"log\":{\"entries\":[{\"request\":{\"url\":\"https://a.example/\"},\"response\":{\"status\":200}}]}}",
        source: "Mixed Content, https://www.w3.org/TR/mixed-content/"
    ),
);
pub(super) const CHAINS: Rule = rule(
    "critical-request-chains",
    Level::Info,
    "What the first paint needs is found in the document itself.",
    rule_docs!(
        why: "A style that imports a style, or a script that loads a font, is asked for only when the one before has come.",
        wrong: "{\"log\":{\"entries\":[{\"startedDateTime\":\"2026-01-01T00:00:00.000Z\",\"time\":100,\"request\":{\"url\":\"https://a.example/\"},\"response\":{\"status\":200},\"_priority\":\"VeryHigh\"},{\"startedDateTime\":\"2026-01-01T00:00:00.100Z\",\"time\":100,\"request\":{\"url\":\"https://a.example/a.css\"},\"response\":{\"status\":200},\"_priority\":\"VeryHigh\"},{\"startedDateTime\":\"2026-01-01T00:00:00.200Z\",\"time\":100,\"request\":{\"url\":\"https://a.example/b.css\"},\"response\":{\"status\":200},\"_priority\":\"VeryHigh\",\"_initiator\":\"https://a.example/a.css\"},{\"startedDateTime\":\"2026-01-01T00:00:00.300Z\",\"time\":100,\"request\":{\"url\":\"https://a.example/c.woff2\"},\"response\":{\"status\":200},\"_priority\":\"High\",\"_initiator\":\"https://a.example/b.css\"}]}}",
        right: "{\"log\":{\"entries\":[{\"startedDateTime\":\"2026-01-01T00:00:00.000Z\",\"time\":100,\"request\":{\"url\":\"https://a.example/\"},\"response\":{\"status\":200},\"_priority\":\"VeryHigh\"},{\"startedDateTime\":\"2026-01-01T00:00:00.100Z\",\"time\":100,\"request\":{\"url\":\"https://a.example/a.css\"},\"response\":{\"status\":200},\"_priority\":\"VeryHigh\"}]}}",
        source: LIGHTHOUSE
    ),
);
pub(super) const IMAGE_FORMATS: Rule = rule(
    "modern-image-formats",
    Level::Info,
    "Large pictures come as AVIF or WebP.",
    rule_docs!(
        why: "At the same quality they are a quarter to a half smaller than JPEG, and far smaller than PNG.",
        wrong: "{\"log\":{\"entries\":[{\"request\":{\"url\":\"https://a.example/a.jpg\"},\"response\":{\"status\":200,\"bodySize\":300000,\"content\":{\"mimeType\":\"image/jpeg\"}}}]}}",
        right: "{\"log\":{\"entries\":[{\"request\":{\"url\":\"https://a.example/a.avif\"},\"response\":{\"status\":200,\"bodySize\":120000,\"content\":{\"mimeType\":\"image/avif\"}}}]}}",
        source: LIGHTHOUSE
    ),
);
pub(super) const PRECONNECT: Rule = rule(
    "uses-rel-preconnect",
    Level::Info,
    "Connections to other hosts that the first paint needs are opened early.",
    rule_docs!(
        why: "Name look-up, connection and encryption take three round trips before the first byte is asked for.",
        wrong: "<!doctype html><head><link rel=stylesheet href=https://fonts.example/a.css></head>",
        right: "<!doctype html><head><link rel=preconnect href=https://fonts.example><link rel=stylesheet href=https://fonts.example/a.css></head>",
        source: LIGHTHOUSE
    ),
);
pub(super) const DUPLICATE: Rule = rule(
    "duplicate-request",
    Level::Warning,
    "Nothing is loaded twice.",
    rule_docs!(
        why: "The second time costs the same and brings nothing new; scripts also run twice.",
        wrong: "<!doctype html><script defer src=a.js></script><script defer src=a.js></script>",
        right: "<!doctype html><script defer src=a.js></script>",
        source: "RFC 9111 section 3, https://www.rfc-editor.org/rfc/rfc9111#section-3"
    ),
);
pub(super) const UNSIZED_IMAGES: Rule = rule(
    "unsized-images",
    Level::Warning,
    "Images have a width and a height.",
    rule_docs!(
        why: "Without them the browser reserves no place, and the text below jumps when the picture comes.",
        wrong: "<img src=a.png alt=\"\">",
        right: "<img src=a.png alt=\"\" width=600 height=400>",
        source: LIGHTHOUSE
    ),
);
pub(super) const UNSIZED_EMBEDS: Rule = rule(
    "unsized-embeds",
    Level::Info,
    "Videos and frames have a size.",
    rule_docs!(
        why: "What comes late into a place that is not kept for it shifts everything below.",
        wrong: "<video src=a.mp4></video>",
        right: "<video src=a.mp4 width=640 height=360></video>",
        source: "Optimize Cumulative Layout Shift, https://web.dev/articles/optimize-cls"
    ),
);
pub(super) const LCP_LAZY: Rule = rule(
    "lcp-lazy-loaded",
    Level::Warning,
    "The first image of a page is not loaded lazily.",
    rule_docs!(
        why: "A lazy image is asked for only after layout; the largest one in view then comes later than it could.",
        wrong: "<body><img loading=lazy src=hero.jpg alt=\"\" width=9 height=9></body>",
        right: "<body><img src=hero.jpg alt=\"\" width=9 height=9></body>",
        source: LIGHTHOUSE
    ),
);
pub(super) const CHARSET: Rule = rule(
    "charset",
    Level::Warning,
    "A page names its encoding in the first 1,024 bytes.",
    rule_docs!(
        why: "Browsers look no further; found later, they begin to parse anew.",
        wrong: "<!doctype html><head><title>a</title></head>",
        right: "<!doctype html><head><meta charset=utf-8><title>a</title></head>",
        source: "HTML Standard, https://html.spec.whatwg.org/multipage/semantics.html#charset"
    ),
);
pub(super) const VIEWPORT: Rule = rule(
    "viewport",
    Level::Warning,
    "A page says that it is as wide as the device.",
    rule_docs!(
        why: "Otherwise phones lay it out 980 pixels wide and wait 300 ms after each tap for a second one.",
        wrong: "<!doctype html><head><title>a</title></head>",
        right: "<!doctype html><head><meta name=viewport content=\"width=device-width\"><title>a</title></head>",
        source: LIGHTHOUSE
    ),
);
pub(super) const DOCUMENT_WRITE: Rule = rule(
    "no-document-write",
    Level::Warning,
    "Scripts do not write into the document while it is parsed.",
    rule_docs!(
        why: "Parsing stops, what the browser had read ahead is lost, and on slow connections Chrome refuses it.",
        wrong: "<script>document.write('<script src=a.js><\\/script>')</script>",
        right: "<script>const s = document.createElement('script'); s.src = 'a.js'; document.head.append(s)</script>",
        source: LIGHTHOUSE
    ),
);
pub(super) const FONT_DISPLAY: Rule = rule(
    "font-display",
    Level::Warning,
    "Text is shown while its font is loading.",
    rule_docs!(
        why: "Without `font-display` browsers hide text for up to three seconds.",
        wrong: "<style>@font-face{font-family:a;src:url(a.woff2)}</style>",
        right: "<style>@font-face{font-family:a;src:url(a.woff2);font-display:swap}</style>",
        source: LIGHTHOUSE
    ),
);
pub(super) const DOM_SIZE: Rule = rule(
    "dom-size",
    Level::Warning,
    "A page has at most 1,400 elements.",
    rule_docs!(
        why: "Styles and layout are worked out for each of them, again with every change.",
        wrong: "1401 times <hr>",
        right: "<hr>",
        source: LIGHTHOUSE
    ),
);
pub(super) const PRELOAD_CROSSORIGIN: Rule = rule(
    "preload-crossorigin",
    Level::Warning,
    "A preloaded font is asked for as fonts are: anonymously.",
    rule_docs!(
        why: "Without `crossorigin` the preload does not fit the later request, and the font is loaded twice.",
        wrong: "<link rel=preload as=font href=a.woff2>",
        right: "<link rel=preload as=font href=a.woff2 crossorigin>",
        source: "HTML Standard, https://html.spec.whatwg.org/multipage/links.html#link-type-preload"
    ),
);
pub(super) const PRELOAD_AS: Rule = rule(
    "preload-as",
    Level::Warning,
    "A preload says what it is for.",
    rule_docs!(
        why: "Without `as`, or with a word browsers do not know, nothing is preloaded.",
        wrong: "<link rel=preload href=a.css>",
        right: "<link rel=preload as=style href=a.css>",
        source: "HTML Standard, https://html.spec.whatwg.org/multipage/links.html#link-type-preload"
    ),
);
pub(super) const CSS_IMPORT: Rule = rule(
    "css-import",
    Level::Warning,
    "Styles are linked, not imported by other styles.",
    rule_docs!(
        why: "An import is found only when the style around it has been read, one round trip later.",
        wrong: "<style>@import url(a.css);</style>",
        right: "<link rel=stylesheet media=print href=a.css>",
        source: "CSS Cascading and Inheritance Level 5, https://www.w3.org/TR/css-cascade-5/#at-import"
    ),
);
pub(super) const HTML_CUT: Rule = rule(
    "html-limit",
    Level::Warning,
    "A page is small and flat enough to be read whole.",
    rule_docs!(
        why: "Elements beyond 512 levels, or beyond 200,000 nodes, are not looked at.",
        wrong: "600 times <b>",
        right: "<b></b>",
        source: "HTML Standard, https://html.spec.whatwg.org/multipage/parsing.html"
    ),
);

macro_rules! metric_rule {
    ($name:ident, $id:literal, $summary:literal, $why:literal, $wrong:literal, $right:literal) => {
        pub(super) const $name: Rule = rule(
            $id,
            Level::Warning,
            $summary,
            rule_docs!(
                why: $why,
                wrong: $wrong,
                right: $right,
                source: "Lighthouse performance scoring, https://developer.chrome.com/docs/lighthouse/performance/performance-scoring"
            ),
        );
    };
}
metric_rule!(
    FCP,
    "first-contentful-paint",
    "Something is shown within 1.8 s on a phone, 0.9 s on a desktop.",
    "Until then people do not know whether the page comes at all.",
    "fcp 4000",
    "fcp 1200"
);
metric_rule!(
    LCP,
    "largest-contentful-paint",
    "The largest part in view is shown within 2.5 s on a phone, 1.2 s on a desktop.",
    "It is when a page looks loaded.",
    "lcp 5000",
    "lcp 2000"
);
metric_rule!(
    TBT,
    "total-blocking-time",
    "Scripts block input for at most 200 ms on a phone, 150 ms on a desktop.",
    "While a long task runs, no tap and no key is answered.",
    "tbt 900",
    "tbt 90"
);
metric_rule!(
    CLS,
    "cumulative-layout-shift",
    "The layout shifts by at most 0.1.",
    "People tap what was somewhere else a moment ago.",
    "cls 0.4",
    "cls 0.02"
);
metric_rule!(
    SI,
    "speed-index",
    "The page fills within 3.4 s on a phone, 1.3 s on a desktop.",
    "It is how soon, on average, each part in view is there.",
    "si 7000",
    "si 2000"
);

/// Every rule of the tool.
pub(super) const ALL: &[Rule] = &[
    HAR_SYNTAX,
    REDIRECTS,
    SERVER_TIME,
    COMPRESSION,
    CACHE,
    RENDER_BLOCKING,
    BYTE_WEIGHT,
    HTTP2,
    FAILED,
    HTTPS,
    CHAINS,
    IMAGE_FORMATS,
    PRECONNECT,
    DUPLICATE,
    UNSIZED_IMAGES,
    UNSIZED_EMBEDS,
    LCP_LAZY,
    CHARSET,
    VIEWPORT,
    DOCUMENT_WRITE,
    FONT_DISPLAY,
    DOM_SIZE,
    PRELOAD_CROSSORIGIN,
    PRELOAD_AS,
    CSS_IMPORT,
    HTML_CUT,
    FCP,
    LCP,
    TBT,
    CLS,
    SI,
];
