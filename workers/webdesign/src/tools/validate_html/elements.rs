//! The elements of the HTML standard: what they are, what they hold, which attributes they have.

/// Flow content.
pub(super) const FLOW: u16 = 1;
/// Phrasing content.
pub(super) const PHRASING: u16 = 2;
/// Interactive content, whatever its attributes.
pub(super) const INTERACTIVE: u16 = 4;
/// Metadata content.
pub(super) const METADATA: u16 = 8;
/// Sectioning content.
pub(super) const SECTIONING: u16 = 16;
/// Heading content.
pub(super) const HEADING: u16 = 32;
/// Goes anywhere: `script` and `template`.
pub(super) const SUPPORT: u16 = 64;
/// Obsolete, and not to be used.
pub(super) const OBSOLETE: u16 = 128;

/// What an element may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Model {
    Flow,
    Phrasing,
    /// What its parent may hold.
    Transparent,
    Empty,
    Text,
    /// These elements, scripts and templates, and no text.
    Only(&'static str),
    /// Phrasing content, or flow content after these.
    With(Base, &'static str),
    /// Anything; other parts of the standard say more.
    Any,
}

/// What else a model takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    Flow,
    Phrasing,
    Transparent,
}

/// An element.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) name: &'static str,
    pub(super) is: u16,
    pub(super) model: Model,
    /// Its own attributes.
    pub(super) attributes: &'static str,
    /// Its own obsolete attributes.
    pub(super) obsolete: &'static str,
}

const fn element(
    name: &'static str,
    is: u16,
    model: Model,
    attributes: &'static str,
    obsolete: &'static str,
) -> Element {
    Element { name, is, model, attributes, obsolete }
}

/// The element of this name.
pub(super) fn find(name: &str) -> Option<&'static Element> {
    ELEMENTS.binary_search_by(|element| element.name.cmp(name)).ok().and_then(|at| ELEMENTS.get(at))
}

/// Attributes of every element.
pub(super) const GLOBAL: &str = "accesskey autocapitalize autocorrect autofocus class contenteditable dir draggable enterkeyhint exportparts headingoffset headingreset hidden id inert inputmode is itemid itemprop itemref itemscope itemtype lang nonce part popover role slot spellcheck style tabindex title translate writingsuggestions xmlns xml:lang";

const MEDIA: &str = "src crossorigin preload autoplay loop muted controls controlslist disableremoteplayback loading";
const P: u16 = FLOW | PHRASING;
const CELL: &str = "align axis bgcolor char charoff height nowrap valign width";
const CELLS: &str = "align bgcolor char charoff valign";

use Model::{Any, Empty, Flow, Only, Phrasing, Text, Transparent, With};

#[rustfmt::skip]
const ELEMENTS: &[Element] = &[
    element("a", P, Transparent, "href target download ping rel hreflang type referrerpolicy attributionsrc", "charset coords name rev shape methods urn"),
    element("abbr", P, Phrasing, "", ""),
    element("acronym", P | OBSOLETE, Phrasing, "", ""),
    element("address", FLOW, Flow, "", ""),
    element("applet", P | OBSOLETE, Any, "", ""),
    element("area", P, Empty, "alt coords shape href target download ping rel referrerpolicy", "nohref hreflang type"),
    element("article", FLOW | SECTIONING, Flow, "", ""),
    element("aside", FLOW | SECTIONING, Flow, "", ""),
    element("audio", P, With(Base::Transparent, "source track"), MEDIA, ""),
    element("b", P, Phrasing, "", ""),
    element("base", METADATA, Empty, "href target", ""),
    element("basefont", OBSOLETE | P, Empty, "", ""),
    element("bdi", P, Phrasing, "", ""),
    element("bdo", P, Phrasing, "", ""),
    element("bgsound", OBSOLETE | P, Empty, "", ""),
    element("big", P | OBSOLETE, Phrasing, "", ""),
    element("blink", P | OBSOLETE, Phrasing, "", ""),
    element("blockquote", FLOW, Flow, "cite", ""),
    element("body", 0, Flow, "onafterprint onbeforeprint onbeforeunload onhashchange onlanguagechange onmessage onmessageerror onoffline ononline onpagehide onpageshow onpopstate onrejectionhandled onstorage onunhandledrejection onunload", "alink background bgcolor bottommargin leftmargin link marginheight marginwidth rightmargin text topmargin vlink"),
    element("br", P, Empty, "", "clear"),
    element("button", P | INTERACTIVE, Phrasing, "disabled form formaction formenctype formmethod formnovalidate formtarget name popovertarget popovertargetaction command commandfor type value interestfor", "datasrc datafld dataformatas"),
    element("canvas", P, Transparent, "width height", ""),
    element("caption", 0, Flow, "", "align"),
    element("center", FLOW | OBSOLETE, Flow, "", ""),
    element("cite", P, Phrasing, "", ""),
    element("code", P, Phrasing, "", ""),
    element("col", 0, Empty, "span", "align char charoff valign width"),
    element("colgroup", 0, Only("col"), "span", "align char charoff valign width"),
    element("data", P, Phrasing, "value", ""),
    element("datalist", P, With(Base::Phrasing, "option"), "", ""),
    element("dd", 0, Flow, "", "nowrap"),
    element("del", P, Transparent, "cite datetime", ""),
    element("details", FLOW | INTERACTIVE, With(Base::Flow, "summary"), "name open", ""),
    element("dfn", P, Phrasing, "", ""),
    element("dialog", FLOW, Flow, "open closedby", ""),
    element("dir", FLOW | OBSOLETE, Only("li"), "", "compact"),
    element("div", FLOW, Flow, "", "align datasrc datafld dataformatas"),
    element("dl", FLOW, Only("dt dd div"), "", "compact"),
    element("dt", 0, Flow, "", ""),
    element("em", P, Phrasing, "", ""),
    element("embed", P | INTERACTIVE, Empty, "src type width height", "align hspace name vspace"),
    element("fencedframe", P | INTERACTIVE, Empty, "width height allow", ""),
    element("fieldset", FLOW, With(Base::Flow, "legend"), "disabled form name", "datafld"),
    element("figcaption", 0, Flow, "", ""),
    element("figure", FLOW, With(Base::Flow, "figcaption"), "", ""),
    element("font", P | OBSOLETE, Phrasing, "", "color face size"),
    element("footer", FLOW, Flow, "", ""),
    element("form", FLOW, Flow, "accept-charset action autocomplete enctype method name novalidate target rel", "accept"),
    element("frame", OBSOLETE, Empty, "", ""),
    element("frameset", OBSOLETE, Any, "", ""),
    element("h1", FLOW | HEADING, Phrasing, "", "align"),
    element("h2", FLOW | HEADING, Phrasing, "", "align"),
    element("h3", FLOW | HEADING, Phrasing, "", "align"),
    element("h4", FLOW | HEADING, Phrasing, "", "align"),
    element("h5", FLOW | HEADING, Phrasing, "", "align"),
    element("h6", FLOW | HEADING, Phrasing, "", "align"),
    element("head", 0, Only("base link meta noscript style title"), "", "profile"),
    element("header", FLOW, Flow, "", ""),
    element("hgroup", FLOW | HEADING, Only("p h1 h2 h3 h4 h5 h6"), "", ""),
    element("hr", FLOW, Empty, "", "align color noshade size width"),
    element("html", 0, Only("head body"), "manifest", "version"),
    element("i", P, Phrasing, "", ""),
    element("iframe", P | INTERACTIVE, Text, "src srcdoc name sandbox allow allowfullscreen width height referrerpolicy loading credentialless csp fetchpriority", "align allowtransparency frameborder framespacing hspace longdesc marginheight marginwidth scrolling vspace"),
    element("image", OBSOLETE | P, Empty, "", ""),
    element("img", P, Empty, "alt src srcset sizes crossorigin usemap ismap width height referrerpolicy decoding loading fetchpriority attributionsrc", "align border datasrc hspace longdesc lowsrc name vspace"),
    element("input", P, Empty, "accept alpha alt autocomplete checked colorspace dirname disabled form formaction formenctype formmethod formnovalidate formtarget height list max maxlength min minlength multiple name pattern placeholder popovertarget popovertargetaction readonly required size src step type value width capture switch webkitdirectory", "align border hspace ismap usemap vspace datasrc"),
    element("ins", P, Transparent, "cite datetime", ""),
    element("isindex", OBSOLETE | FLOW, Empty, "", ""),
    element("kbd", P, Phrasing, "", ""),
    element("keygen", OBSOLETE | P | INTERACTIVE, Empty, "", ""),
    element("label", P | INTERACTIVE, Phrasing, "for", "datasrc"),
    element("legend", 0, With(Base::Phrasing, "h1 h2 h3 h4 h5 h6 hgroup"), "", "align"),
    element("li", 0, Flow, "value", "type"),
    element("link", METADATA, Empty, "href crossorigin rel media integrity hreflang type referrerpolicy sizes imagesrcset imagesizes as blocking color disabled fetchpriority", "charset methods rev target urn"),
    element("listing", FLOW | OBSOLETE, Phrasing, "", ""),
    element("main", FLOW, Flow, "", ""),
    element("map", P, Transparent, "name", ""),
    element("mark", P, Phrasing, "", ""),
    element("marquee", P | OBSOLETE, Flow, "", ""),
    element("menu", FLOW, Only("li"), "", "compact label type"),
    element("menuitem", OBSOLETE, Any, "", ""),
    element("meta", METADATA, Empty, "name http-equiv content charset media property", "scheme"),
    element("meter", P, Phrasing, "value min max low high optimum", ""),
    element("multicol", FLOW | OBSOLETE, Flow, "", ""),
    element("nav", FLOW | SECTIONING, Flow, "", ""),
    element("nextid", OBSOLETE | P, Empty, "", ""),
    element("nobr", P | OBSOLETE, Phrasing, "", ""),
    element("noembed", P | OBSOLETE, Any, "", ""),
    element("noframes", FLOW | OBSOLETE, Any, "", ""),
    element("noscript", P | METADATA, Any, "", ""),
    element("object", P, Transparent, "data type name form width height", "align archive border classid code codebase codetype declare hspace standby typemustmatch usemap vspace"),
    element("ol", FLOW, Only("li"), "reversed start type", "compact"),
    element("optgroup", 0, Only("option legend noscript"), "disabled label", ""),
    element("option", 0, Text, "disabled label selected value", "datasrc name"),
    element("output", P, Phrasing, "for form name", ""),
    element("p", FLOW, Phrasing, "", "align"),
    element("param", OBSOLETE | P, Empty, "name value", "type valuetype"),
    element("picture", P, Only("source img"), "", ""),
    element("plaintext", FLOW | OBSOLETE, Any, "", ""),
    element("pre", FLOW, Phrasing, "", "width"),
    element("progress", P, Phrasing, "value max", ""),
    element("q", P, Phrasing, "cite", ""),
    element("rb", OBSOLETE, Phrasing, "", ""),
    element("rp", 0, Phrasing, "", ""),
    element("rt", 0, Phrasing, "", ""),
    element("rtc", OBSOLETE, Phrasing, "", ""),
    element("ruby", P, With(Base::Phrasing, "rt rp rb rtc"), "", ""),
    element("s", P, Phrasing, "", ""),
    element("samp", P, Phrasing, "", ""),
    element("script", P | METADATA | SUPPORT, Any, "src type nomodule async defer crossorigin integrity referrerpolicy blocking fetchpriority attributionsrc", "charset event for language"),
    element("search", FLOW, Flow, "", ""),
    element("section", FLOW | SECTIONING, Flow, "", ""),
    element("select", P | INTERACTIVE, Only("option optgroup hr noscript button div"), "autocomplete disabled form multiple name required size", "datasrc"),
    element("selectedcontent", P, Empty, "", ""),
    element("slot", P, Transparent, "name", ""),
    element("small", P, Phrasing, "", ""),
    element("source", 0, Empty, "type media src srcset sizes width height", ""),
    element("spacer", OBSOLETE | P, Empty, "", ""),
    element("span", P, Phrasing, "", "datasrc"),
    element("strike", P | OBSOLETE, Phrasing, "", ""),
    element("strong", P, Phrasing, "", ""),
    element("style", METADATA, Any, "media blocking", "type"),
    element("sub", P, Phrasing, "", ""),
    element("summary", 0, With(Base::Phrasing, "h1 h2 h3 h4 h5 h6 hgroup"), "", ""),
    element("sup", P, Phrasing, "", ""),
    element("table", FLOW, Only("caption colgroup thead tbody tfoot tr"), "", "align background bgcolor border bordercolor cellpadding cellspacing dataformatas datapagesize datasrc frame height rules summary width"),
    element("tbody", 0, Only("tr"), "", "align background bgcolor char charoff height valign"),
    element("td", 0, Flow, "colspan rowspan headers", "abbr align axis background bgcolor char charoff height nowrap scope valign width"),
    element("template", P | METADATA | SUPPORT, Any, "shadowrootmode shadowrootdelegatesfocus shadowrootclonable shadowrootserializable shadowrootcustomelementregistry", ""),
    element("textarea", P | INTERACTIVE, Text, "autocomplete cols dirname disabled form maxlength minlength name placeholder readonly required rows wrap", "datasrc"),
    element("tfoot", 0, Only("tr"), "", CELLS),
    element("th", 0, Flow, "colspan rowspan headers scope abbr", CELL),
    element("thead", 0, Only("tr"), "", CELLS),
    element("time", P, Phrasing, "datetime", ""),
    element("title", METADATA, Text, "", ""),
    element("tr", 0, Only("th td"), "", "align background bgcolor char charoff valign"),
    element("track", 0, Empty, "kind src srclang label default", ""),
    element("tt", P | OBSOLETE, Phrasing, "", ""),
    element("u", P, Phrasing, "", ""),
    element("ul", FLOW, Only("li"), "", "compact type"),
    element("var", P, Phrasing, "", ""),
    element("video", P, With(Base::Transparent, "source track"), "src crossorigin poster preload autoplay playsinline loop muted controls controlslist disablepictureinpicture disableremoteplayback width height loading", ""),
    element("wbr", P, Empty, "", ""),
    element("xmp", FLOW | OBSOLETE, Any, "", ""),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_sorted() {
        assert!(ELEMENTS.is_sorted_by_key(|element| element.name));
        assert!(find("p").is_some() && find("blah").is_none());
    }
}
