//! Roles that HTML elements may be given, and those that may not be named: ARIA in HTML.

/// What roles an element may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    /// Any.
    Any,
    /// None.
    None,
    /// These.
    These(&'static str),
}

const LIST: &str = "directory group listbox menu menubar none presentation radiogroup tablist toolbar tree";
const COMMAND: &str = "checkbox combobox gridcell link menuitem menuitemcheckbox menuitemradio option radio separator slider switch tab treeitem";
const HEADING: &str = "none presentation tab doc-subtitle";
const SECTION: &str = "alert alertdialog application banner complementary contentinfo dialog document feed group log main marquee navigation none note presentation search status tabpanel doc-abstract doc-acknowledgments doc-afterword doc-appendix doc-bibliography doc-chapter doc-colophon doc-conclusion doc-credit doc-credits doc-dedication doc-endnotes doc-epigraph doc-epilogue doc-errata doc-example doc-foreword doc-glossary doc-index doc-introduction doc-notice doc-pagelist doc-part doc-preface doc-prologue doc-pullquote doc-qna doc-toc";

/// Roles an element may be given; of elements whose roles depend on more than their name, the caller says what it is:
/// `a[href]`, `area[href]`, `img[name]`, `input[type]`, `figure[figcaption]`, `select[one]`, `summary[details]`.
pub fn allowed_roles(element: &str) -> Allowed {
    match element {
        "a[href]" => Allowed::These(
            "button checkbox menuitem menuitemcheckbox menuitemradio option radio switch tab treeitem doc-backlink doc-biblioref doc-glossref doc-noteref",
        ),
        "area" => Allowed::These("button link"),
        "article" => Allowed::These("feed presentation none document application main region"),
        "aside" => Allowed::These(
            "feed note presentation none region search doc-dedication doc-example doc-footnote doc-glossary doc-pullquote doc-tip",
        ),
        "audio" | "video" => Allowed::These("application"),
        "br" | "wbr" | "img" => Allowed::These("presentation none"),
        "button" => Allowed::These(COMMAND),
        "dialog" => Allowed::These("alertdialog"),
        "dl" => Allowed::These("group list presentation none"),
        "dt" => Allowed::These("listitem"),
        "embed" => Allowed::These("application document img image presentation none"),
        "fieldset" => Allowed::These("none presentation radiogroup"),
        "figcaption" => Allowed::These("group none presentation"),
        "figure[figcaption]" => Allowed::These("doc-example"),
        "footer" | "header" => Allowed::These("group none presentation doc-footnote"),
        "form" => Allowed::These("form search none presentation"),
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => Allowed::These(HEADING),
        "hr" => Allowed::These("none presentation doc-pagebreak"),
        "iframe" => Allowed::These("application document img image none presentation"),
        "img[name]" => Allowed::These(
            "button checkbox link math menuitem menuitemcheckbox menuitemradio meter option progressbar radio scrollbar separator slider switch tab treeitem doc-cover",
        ),
        "input[button]" => {
            Allowed::These("checkbox combobox link menuitem menuitemcheckbox menuitemradio option radio switch tab")
        }
        "input[checkbox]" => Allowed::These("menuitemcheckbox option switch"),
        "input[pressed]" => Allowed::These("button menuitemcheckbox option switch"),
        "input[image]" => Allowed::These("link menuitem menuitemcheckbox menuitemradio radio switch"),
        "input[radio]" => Allowed::These("menuitemradio"),
        "input[text]" => Allowed::These("combobox searchbox spinbutton"),
        "li" => Allowed::These(
            "menuitem menuitemcheckbox menuitemradio option none presentation radio separator tab treeitem doc-biblioentry doc-endnote",
        ),
        "menu" | "ol" | "ul" => Allowed::These(LIST),
        "nav" => Allowed::These("doc-index doc-pagelist doc-toc menu menubar none presentation tablist"),
        "object" => Allowed::These("application document img image"),
        "search" => Allowed::These("form group none presentation region search"),
        "section" => Allowed::These(SECTION),
        "select[one]" => Allowed::These("menu"),
        "area[href]" | "base" | "body" | "caption" | "col" | "colgroup" | "datalist" | "dd" | "details" | "head"
        | "html" | "input" | "label" | "legend" | "link" | "main" | "map" | "math" | "meta" | "meter" | "noscript"
        | "optgroup" | "option" | "param" | "picture" | "progress" | "script" | "select" | "slot" | "source"
        | "style" | "summary[details]" | "template" | "textarea" | "title" | "track" => Allowed::None,
        _ => Allowed::Any,
    }
}

/// Whether an element without a role of its own must not be named by `aria-label` or `aria-labelledby`.
pub fn is_nameless(element: &str) -> bool {
    matches!(
        element,
        "a" | "abbr"
            | "area"
            | "b"
            | "bdi"
            | "bdo"
            | "body"
            | "caption"
            | "cite"
            | "code"
            | "data"
            | "dd"
            | "del"
            | "div"
            | "em"
            | "figcaption"
            | "i"
            | "ins"
            | "kbd"
            | "label"
            | "legend"
            | "mark"
            | "p"
            | "pre"
            | "q"
            | "rp"
            | "rt"
            | "s"
            | "samp"
            | "small"
            | "span"
            | "strong"
            | "sub"
            | "sup"
            | "time"
            | "u"
            | "var"
    )
}

/// Whether an element takes no `aria-` attribute at all, but for `aria-hidden` where it is shown.
pub fn takes_no_attributes(element: &str) -> bool {
    matches!(
        element,
        "base"
            | "br"
            | "col"
            | "colgroup"
            | "datalist"
            | "head"
            | "html"
            | "link"
            | "map"
            | "meta"
            | "noscript"
            | "param"
            | "picture"
            | "script"
            | "slot"
            | "source"
            | "style"
            | "template"
            | "title"
            | "track"
            | "wbr"
    )
}
