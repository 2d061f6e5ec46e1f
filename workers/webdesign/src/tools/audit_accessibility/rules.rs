//! The rules, with the ids of axe-core, and the success criteria of WCAG 2.2 they stand for.

use super::Wcag;
use octavo_toolkit::{Level, Rule, rule_docs};

// At which level of conformance a rule counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Conformance {
    // It is no success criterion, but what practice has shown.
    Best,
    // It is about the source itself.
    Always,
    // Level A.
    A,
    // Level AA.
    Aa,
    // Level AAA.
    Aaa,
}

impl Conformance {
    pub(super) const fn is_within(self, level: Wcag) -> bool {
        match self {
            Self::Best | Self::Always | Self::A => true,
            Self::Aa => !matches!(level, Wcag::A),
            Self::Aaa => matches!(level, Wcag::Triple),
        }
    }
}

// Where a rule's id is from, axe-core unless said, and what it stands for.
#[cfg(not(target_arch = "wasm32"))]
macro_rules! origin {
    () => {
        "axe-core "
    };
    ($peer:literal) => {
        $peer
    };
}

#[cfg(not(target_arch = "wasm32"))]
macro_rules! stands_for {
    ("") => {
        "; good practice"
    };
    ($criteria:tt) => {
        concat!("; WCAG 2.2 ", $criteria)
    };
}

macro_rules! rules {
    ($($id:literal, $level:ident, $criteria:tt, $conformance:ident, $summary:literal, $why:literal, $wrong:literal, $right:literal $(, from $peer:literal)?;)+) => {
        /// The rules, sorted by what they are about.
        pub(super) const RULES: &[Rule] = &[$(Rule {
            id: $id,
            level: Level::$level,
            summary: $summary,
            docs: rule_docs!(why: $why, wrong: $wrong, right: $right, source: concat!(origin!($($peer)?), $id, stands_for!($criteria))),
        }),+];

        /// The success criteria of each rule, separated by spaces, and when it counts.
        pub(super) const CRITERIA: &[(&str, &str, Conformance)] = &[$(($id, $criteria, Conformance::$conformance)),+];
    };
}

#[rustfmt::skip]
rules! {
    "parse-error", Error, "", Always, "The component's source parses.",
        "What does not parse cannot be audited.",
        "const A = <a",
        r#"const A = <a href="/">Home</a>;"#, from "oxc, ";
    "document-cut", Warning, "", Always, "The whole document is read.",
        "Elements that nest too deeply, and what lies beyond a very long document, are not audited.",
        "(513 elements inside each other)",
        "(512 elements inside each other)", from "limits, ";
    "accesskeys", Warning, "", Best, "Each access key is used once.",
        "The browser can only act on one of them, and people cannot know which.",
        "<button accesskey=s>Save</button><button accesskey=s>Send</button>",
        "<button accesskey=s>Save</button><button>Send</button>";
    "area-alt", Error, "1.1.1 2.4.4 4.1.2", A, "Areas of image maps have alt texts.",
        "An area is a link; without a name a screen reader reads its address.",
        "<img src=m.png alt=Map usemap=#m><map name=m><area href=/a shape=rect coords=0,0,9,9></map>",
        "<img src=m.png alt=Map usemap=#m><map name=m><area href=/a alt=Attic shape=rect coords=0,0,9,9></map>";
    "aria-allowed-attr", Error, "4.1.2", A, "Roles have the attributes they support.",
        "An attribute that its role does not support is left out, or misread.",
        "<div role=paragraph aria-checked=true>x</div>",
        "<div role=paragraph>x</div>";
    "aria-allowed-role", Warning, "", Best, "Elements have roles that fit them.",
        "A role that contradicts its element leaves people with one that works as neither.",
        "<main role=button>x</main>",
        "<main>x</main>";
    "aria-braille-equivalent", Warning, "4.1.2", A, "Braille labels have an equal beside them.",
        "aria-braillelabel alone is heard by nobody.",
        r#"<img alt="" aria-braillelabel="****">"#,
        r#"<img alt="4 stars" aria-braillelabel="****">"#;
    "aria-command-name", Error, "4.1.2", A, "Buttons, links and menu items by role have names.",
        "Without a name nobody hears what it does.",
        "<div role=button tabindex=0></div>",
        "<div role=button tabindex=0>Save</div>";
    "aria-conditional-attr", Error, "4.1.2", A, "Attributes are used only where their role allows.",
        "A native checkbox has its own state; a second one contradicts it.",
        "<input type=checkbox aria-label=x checked aria-checked=false>",
        "<input type=checkbox aria-label=x checked>";
    "aria-deprecated-role", Warning, "4.1.2", A, "Roles are not deprecated.",
        "Support for them ends.",
        "<div role=directory></div>",
        "<ul><li>x</ul>";
    "aria-dialog-name", Warning, "", Best, "Dialogs have names.",
        "The name is what a screen reader says when a dialog opens.",
        "<div role=dialog>Sure?</div>",
        "<div role=dialog aria-label=Delete>Sure?</div>";
    "aria-hidden-body", Error, "1.3.1 4.1.2", A, "The page is not hidden from assistive technology.",
        "aria-hidden on body leaves an empty page.",
        "<body aria-hidden=true><p>x</body>",
        "<body><p>x</body>";
    "aria-hidden-focus", Error, "4.1.2", A, "What is aria-hidden takes no focus.",
        "People come to something their screen reader says nothing of.",
        "<div aria-hidden=true><a href=/>Home</a></div>",
        "<div aria-hidden=true><a href=/ tabindex=-1>Home</a></div>";
    "aria-input-field-name", Error, "4.1.2", A, "Input fields by role have names.",
        "Without a name nobody knows what to enter.",
        "<div role=textbox contenteditable></div>",
        "<div role=textbox contenteditable aria-label=City></div>";
    "aria-meter-name", Error, "1.1.1", A, "Meters have names.",
        "A number alone says nothing.",
        "<div role=meter aria-valuenow=5></div>",
        "<div role=meter aria-valuenow=5 aria-label=Disk></div>";
    "aria-progressbar-name", Error, "1.1.1", A, "Progress bars have names.",
        "A number alone says nothing.",
        "<div role=progressbar aria-valuenow=5></div>",
        "<div role=progressbar aria-valuenow=5 aria-label=Upload></div>";
    "aria-prohibited-attr", Error, "4.1.2", A, "What has no role to name is not named.",
        "Browsers drop the name of such elements, or read it in place of their text.",
        "<span aria-label=x></span>",
        "<span role=img aria-label=x></span>";
    "aria-required-attr", Error, "4.1.2", A, "Roles have the attributes they need.",
        "Without its state a control cannot be understood.",
        "<div role=checkbox tabindex=0>x</div>",
        "<div role=checkbox tabindex=0 aria-checked=false>x</div>";
    "aria-required-children", Error, "1.3.1", A, "Roles hold the roles they are made of.",
        "A list without items, a menu without entries is not read as one.",
        "<div role=list><span role=button>x</span></div>",
        "<div role=list><span role=listitem>x</span></div>";
    "aria-required-parent", Error, "1.3.1", A, "Roles stand in the roles they are part of.",
        "A tab outside a tab list is not read as one.",
        "<div role=tab>x</div>",
        "<div role=tablist><div role=tab>x</div></div>";
    "aria-roles", Error, "4.1.2", A, "Roles exist.",
        "An unknown role is none.",
        "<div role=buton>x</div>",
        "<div role=button tabindex=0>x</div>";
    "aria-tab-name", Error, "4.1.2", A, "Tabs have names.",
        "Without a name nobody knows what a tab shows.",
        "<div role=tablist><div role=tab></div></div>",
        "<div role=tablist><div role=tab>Mail</div></div>";
    "aria-text", Warning, "", Best, "Elements of the text role hold nothing to operate.",
        "The role reads everything in it as one text.",
        "<p role=text>See <a href=/>here</a></p>",
        "<p>See <a href=/>here</a></p>";
    "aria-toggle-field-name", Error, "4.1.2", A, "Checkboxes, radios, switches and options by role have names.",
        "Without a name nobody knows what is switched.",
        "<div role=switch aria-checked=true tabindex=0></div>",
        "<div role=switch aria-checked=true tabindex=0>Wi-Fi</div>";
    "aria-tooltip-name", Error, "4.1.2", A, "Tooltips have text.",
        "An empty tooltip describes nothing.",
        "<div role=tooltip></div>",
        "<div role=tooltip>Saves</div>";
    "aria-treeitem-name", Warning, "", Best, "Tree items have names.",
        "Without a name nobody knows what a branch holds.",
        "<div role=tree><div role=treeitem></div></div>",
        "<div role=tree><div role=treeitem>src</div></div>";
    "aria-valid-attr", Error, "4.1.2", A, "aria- attributes exist.",
        "A misspelt attribute does nothing.",
        "<button aria-lable=Save>x</button>",
        "<button aria-label=Save>x</button>";
    "aria-valid-attr-value", Error, "4.1.2", A, "aria- attributes have values they take.",
        "A value that is not known is as if the attribute were not there.",
        "<button aria-expanded=yes>x</button>",
        "<button aria-expanded=true>x</button>";
    "autocomplete-valid", Error, "1.3.5", Aa, "autocomplete says what the HTML standard lists.",
        "Browsers and symbols for people who read little can only fill in what they know.",
        "<input aria-label=x autocomplete=user>",
        "<input aria-label=x autocomplete=username>";
    "avoid-inline-spacing", Error, "1.4.12", Aa, "Inline styles leave text spacing to the reader.",
        "!important in a style attribute cannot be overridden.",
        r#"<p style="letter-spacing:0.01em !important">Text</p>"#,
        r#"<p style="letter-spacing:0.01em">Text</p>"#;
    "blink", Error, "2.2.2", A, "blink is not used.",
        "Blinking distracts, and cannot be stopped.",
        "<blink>x</blink>",
        "<strong>x</strong>";
    "button-name", Error, "4.1.2", A, "Buttons have names.",
        "Without a name nobody hears what a button does.",
        "<button><svg></svg></button>",
        "<button aria-label=Close><svg></svg></button>";
    "bypass", Warning, "2.4.1", A, "A way leads past what every page repeats.",
        "People on a keyboard would go through the whole navigation on each page.",
        "<!doctype html><title>x</title><a href=/a>A</a><p>Text",
        "<!doctype html><title>x</title><a href=/a>A</a><main><h1>T</h1>Text</main>";
    "color-contrast", Error, "1.4.3", Aa, "Text stands out from what is behind it.",
        "People who see little, or look at a screen in the sun, cannot read it. Judged where the page's own styles decide both colours.",
        r#"<p style="color:#aaa;background:#fff">Text</p>"#,
        r#"<p style="color:#595959;background:#fff">Text</p>"#;
    "color-contrast-enhanced", Warning, "1.4.6", Aaa, "Text stands out far from what is behind it.",
        "A ratio of 7:1 is for people with a fifth of the usual sight.",
        r#"<p style="color:#666;background:#fff">Text</p>"#,
        r#"<p style="color:#444;background:#fff">Text</p>"#;
    "css-orientation-lock", Error, "1.3.4", Aa, "The page is not locked to one orientation.",
        "A device may be mounted on a wheelchair.",
        "<!doctype html><title>x</title><style>@media (orientation:portrait){html{transform:rotate(90deg)}}</style>",
        "<!doctype html><title>x</title><style>@media (orientation:portrait){html{margin:0}}</style>";
    "definition-list", Error, "1.3.1", A, "dl holds terms and descriptions alone.",
        "A screen reader cannot tell what belongs together.",
        "<dl><p>x</p></dl>",
        "<dl><dt>x</dt><dd>y</dd></dl>";
    "dlitem", Error, "1.3.1", A, "Terms and descriptions stand in a dl.",
        "Outside a list they mean nothing.",
        "<div><dt>x</dt></div>",
        "<dl><dt>x</dt><dd>y</dd></dl>";
    "document-title", Error, "2.4.2", A, "The page has a title.",
        "The title is the first thing that is read, and names the tab.",
        "<!doctype html><p>x",
        "<!doctype html><title>Shop</title><p>x";
    "duplicate-id-aria", Warning, "4.1.2", A, "Ids that labels and aria- attributes name are unique.",
        "The browser takes the first; the other control stays without its label.",
        "<label for=a>A</label><input id=a><input id=a aria-label=B>",
        "<label for=a>A</label><input id=a><input id=b aria-label=B>";
    "element-lang-matches-default-language", Warning, "3.1.2", Aa, "Parts are in the language they say.",
        "A screen reader reads the part with the wrong voice. Judged by the commonest words of ten languages, and by scripts.",
        "<p lang=fr>Hij ging met de kippen op stok</p>",
        "<p lang=nl>Hij ging met de kippen op stok</p>", from "W3C ACT rule off6ek, ";
    "empty-heading", Warning, "", Best, "Headings have text.",
        "People who go from heading to heading come to nothing.",
        "<h2></h2>",
        "<h2>News</h2>";
    "empty-table-header", Warning, "", Best, "Header cells have text.",
        "The cells below are read without what they are.",
        "<table><tr><th></th><td>1</td></tr></table>",
        "<table><tr><th>Sum</th><td>1</td></tr></table>";
    "focus-order-semantics", Info, "", Best, "What takes the focus has a role.",
        "People come to something that says nothing of what it does.",
        "<div tabindex=0>x</div>",
        "<button>x</button>";
    "focusable-no-keyboard-trap", Error, "2.1.2", A, "The keyboard can leave whatever it came to.",
        "People without a mouse stay where they are.",
        r#"<button onblur="this.focus()">x</button>"#,
        "<button>x</button>", from "W3C ACT rule 80af7b, ";
    "form-field-multiple-labels", Info, "3.3.2", A, "A field has one label.",
        "Some screen readers read the first, some the last.",
        "<label for=a>A</label><label for=a>B</label><input id=a>",
        "<label for=a>A B</label><input id=a>";
    "frame-focusable-content", Error, "2.1.1", A, "Frames with controls can take the focus.",
        "A negative tabindex keeps the keyboard out of everything in the frame.",
        r#"<iframe title=x tabindex=-1 srcdoc="<button>x</button>"></iframe>"#,
        r#"<iframe title=x srcdoc="<button>x</button>"></iframe>"#;
    "frame-title", Error, "4.1.2", A, "Frames have titles.",
        "Without one nobody knows what a frame holds.",
        "<iframe src=a.html></iframe>",
        "<iframe src=a.html title=Map></iframe>";
    "frame-title-unique", Warning, "4.1.2", A, "Frames have titles of their own.",
        "Equal titles do not tell frames apart.",
        "<iframe src=a title=Ad></iframe><iframe src=b title=Ad></iframe>",
        "<iframe src=a title=Ad></iframe><iframe src=b title=Map></iframe>";
    "heading-order", Warning, "", Best, "Heading levels go up by one.",
        "A skipped level looks like something missing.",
        "<h1>A</h1><h3>B</h3>",
        "<h1>A</h1><h2>B</h2>";
    "html-has-lang", Error, "3.1.1", A, "The page says its language.",
        "A screen reader reads it with the wrong voice.",
        "<!doctype html><html><title>x</title>",
        "<!doctype html><html lang=en><title>x</title>";
    "html-lang-valid", Error, "3.1.1", A, "The page's language exists.",
        "A code that is not registered is as if none were there.",
        "<!doctype html><html lang=english><title>x</title>",
        "<!doctype html><html lang=en><title>x</title>";
    "html-page-lang-matches-default", Error, "3.1.1", A, "The page is in the language it says.",
        "A screen reader reads all of it with the wrong voice. Judged by the commonest words of ten languages, and by scripts.",
        "<!doctype html><html lang=da><title>x</title><p>This is what the page says about it, and there is no more of that.",
        "<!doctype html><html lang=en><title>x</title><p>This is what the page says about it, and there is no more of that.", from "W3C ACT rule ucwvc8, ";
    "html-xml-lang-mismatch", Warning, "3.1.1", A, "lang and xml:lang agree.",
        "Which one counts depends on how the page is served.",
        "<!doctype html><html lang=en xml:lang=fr><title>x</title>",
        "<!doctype html><html lang=en xml:lang=en-GB><title>x</title>";
    "image-alt", Error, "1.1.1", A, "Images have alt texts.",
        "Without one a screen reader reads the file's name. Decoration gets an empty one.",
        "<img src=a.png>",
        r#"<img src=a.png alt="A red door">"#;
    "image-filename-as-accessible-name", Warning, "1.1.1", A, "Images are not named by their files.",
        "The name of a file says nothing of what is shown.",
        "<img src=/a/IMG_2041.jpg alt=IMG_2041.jpg>",
        r#"<img src=/a/IMG_2041.jpg alt="A red door">"#, from "W3C ACT rule 9eb3f6, ";
    "image-redundant-alt", Warning, "", Best, "Alt texts do not repeat the text beside them.",
        "People hear it twice.",
        "<a href=/><img src=a.png alt=Home> Home</a>",
        r#"<a href=/><img src=a.png alt=""> Home</a>"#;
    "input-button-name", Error, "4.1.2", A, "Input buttons have names.",
        "Without a value nobody knows what a button does.",
        "<input type=button>",
        "<input type=button value=Save>";
    "input-image-alt", Error, "1.1.1 4.1.2", A, "Image buttons have alt texts.",
        "Without one nobody knows what the button does.",
        "<input type=image src=a.png>",
        "<input type=image src=a.png alt=Search>";
    "label", Error, "4.1.2", A, "Fields have labels.",
        "Without one nobody knows what to enter.",
        "<input name=city>",
        "<label>City <input name=city></label>";
    "label-content-name-mismatch", Error, "2.5.3", A, "The name of a control contains the text it shows.",
        "People who speak to their device say what they see.",
        "<button aria-label=Submit>Send</button>",
        r#"<button aria-label="Send message">Send</button>"#;
    "label-title-only", Warning, "", Best, "Fields have labels that are seen.",
        "A title shows on hovering alone, if at all.",
        "<input title=City>",
        "<label>City <input></label>";
    "landmark-banner-is-top-level", Warning, "", Best, "The banner stands in no other landmark.",
        "People would look for it at the top.",
        "<main><div role=banner>x</div></main>",
        "<div role=banner>x</div><main>y</main>";
    "landmark-contentinfo-is-top-level", Warning, "", Best, "The contentinfo landmark stands in no other landmark.",
        "People would look for it at the bottom.",
        "<main><div role=contentinfo>x</div></main>",
        "<main>y</main><div role=contentinfo>x</div>";
    "landmark-main-is-top-level", Warning, "", Best, "The main landmark stands in no other landmark.",
        "People jump to it first.",
        "<nav><main>x</main></nav>",
        "<nav>y</nav><main>x</main>";
    "landmark-no-duplicate-banner", Warning, "", Best, "The page has one banner.",
        "People cannot tell which one is the page's.",
        "<header>a</header><header>b</header>",
        "<header>a</header><section><header>b</header></section>";
    "landmark-no-duplicate-contentinfo", Warning, "", Best, "The page has one contentinfo landmark.",
        "People cannot tell which one is the page's.",
        "<footer>a</footer><footer>b</footer>",
        "<footer>a</footer><section><footer>b</footer></section>";
    "landmark-no-duplicate-main", Warning, "", Best, "The page has one main landmark.",
        "People jump to the first and miss the other.",
        "<main>a</main><main>b</main>",
        "<main>a<p>b</main>";
    "landmark-one-main", Warning, "", Best, "The page has a main landmark.",
        "People cannot jump to the content.",
        "<!doctype html><title>x</title><p>x",
        "<!doctype html><title>x</title><main>x</main>";
    "landmark-unique", Warning, "", Best, "Landmarks of one role have names of their own.",
        "Two navigations sound the same.",
        "<nav>a</nav><nav>b</nav>",
        "<nav aria-label=Main>a</nav><nav aria-label=Page>b</nav>";
    "link-in-context-descriptive", Warning, "2.4.4", A, "Links say where they lead, alone or with what is around them.",
        "A link that says no more than go on leads nowhere one could choose.",
        "<a href=/a>More</a>",
        "<p>Our doors open to the outside. <a href=/a>More</a></p>", from "W3C ACT rule 5effbb, ";
    "link-name", Error, "2.4.4 4.1.2", A, "Links have names.",
        "Without one a screen reader reads the address.",
        r#"<a href=/><img src=a.png alt=""></a>"#,
        "<a href=/><img src=a.png alt=Home></a>";
    "link-text", Warning, "2.4.9", Aaa, "Link texts say where links lead.",
        "People who go from link to link hear it without what is around it.",
        "<a href=/a>Read more</a>",
        "<a href=/a>Read more about doors</a>", from "Lighthouse ";
    "list", Error, "1.3.1", A, "ul and ol hold list items alone.",
        "A screen reader counts items wrongly, or sees no list.",
        "<ul><div>x</div></ul>",
        "<ul><li>x</li></ul>";
    "listitem", Error, "1.3.1", A, "List items stand in lists.",
        "Outside a list they mean nothing.",
        "<div><li>x</li></div>",
        "<ul><li>x</li></ul>";
    "marquee", Error, "2.2.2", A, "marquee is not used.",
        "Text that moves cannot be stopped.",
        "<marquee>x</marquee>",
        "<p>x</p>";
    "meta-refresh", Error, "2.2.1", A, "The page does not go on by itself soon.",
        "People who read slowly lose their place.",
        r#"<meta http-equiv=refresh content="30">"#,
        r#"<meta http-equiv=refresh content="0; url=/b">"#;
    "meta-refresh-no-exceptions", Warning, "2.2.4 3.2.5", Aaa, "The page does not go on by itself.",
        "People who read slowly lose their place.",
        r#"<meta http-equiv=refresh content="90000">"#,
        r#"<meta http-equiv=refresh content="0; url=/b">"#;
    "meta-viewport", Error, "1.4.4", Aa, "The page can be zoomed to 200 %.",
        "People who see little zoom in.",
        r#"<meta name=viewport content="width=device-width, user-scalable=no">"#,
        r#"<meta name=viewport content="width=device-width">"#;
    "meta-viewport-large", Warning, "", Best, "The page can be zoomed to 500 %.",
        "Some need more than 200 %.",
        r#"<meta name=viewport content="maximum-scale=3">"#,
        r#"<meta name=viewport content="maximum-scale=5">"#;
    "nested-interactive", Error, "4.1.2", A, "Controls do not hold controls.",
        "A screen reader presents a button as one thing; what is in it cannot be reached.",
        "<div role=button tabindex=0>x <a href=/>y</a></div>",
        "<div role=button tabindex=0>x</div> <a href=/>y</a>";
    "no-autoplay-audio", Error, "1.4.2", A, "Sound does not start by itself.",
        "It drowns what a screen reader says.",
        "<audio autoplay src=a.mp3></audio>",
        "<audio autoplay controls src=a.mp3></audio>";
    "object-alt", Error, "1.1.1", A, "Objects have names.",
        "Without one nobody knows what is embedded.",
        "<object data=a.pdf></object>",
        "<object data=a.pdf title=Report></object>";
    "page-has-heading-one", Warning, "", Best, "The page has a heading of level one.",
        "It says what the page is about.",
        "<!doctype html><title>x</title><h2>A</h2>",
        "<!doctype html><title>x</title><h1>A</h1>";
    "presentation-role-conflict", Warning, "", Best, "What is meant as decoration takes no focus and no global attribute.",
        "Either undoes the role.",
        "<h2 role=none aria-label=x>y</h2>",
        "<h2 role=none>y</h2>";
    "region", Warning, "", Best, "All content stands in landmarks.",
        "People who go from landmark to landmark miss the rest.",
        "<!doctype html><title>x</title><main>a</main><p>b</p>",
        "<!doctype html><title>x</title><main>a<p>b</p></main>";
    "role-img-alt", Error, "1.1.1", A, "Elements of the image role have names.",
        "Without one nobody knows what is shown.",
        "<div role=img></div>",
        "<div role=img aria-label=Chart></div>";
    "scope-attr-valid", Warning, "", Best, "scope is used on th, with its values.",
        "A misplaced scope is left out.",
        "<!doctype html><table><tr><td scope=col>a</td></tr></table>",
        "<!doctype html><table><tr><th scope=col>a</th></tr></table>";
    "scrollable-region-focusable", Error, "2.1.1", A, "What scrolls can be reached by the keyboard.",
        "Without focus in it, the arrow keys do not scroll it. Judged where the page's own styles make it surely scroll.",
        r#"<div style="height:20px;width:100px;overflow:auto">Here is a text that takes many more lines than a box of this size can show, whatever the font may be, so that it scrolls in every browser.</div>"#,
        r#"<div tabindex=0 role=region aria-label=Terms style="height:20px;width:100px;overflow:auto">Here is a text that takes many more lines than a box of this size can show, whatever the font may be, so that it scrolls in every browser.</div>"#;
    "select-name", Error, "4.1.2", A, "Selects have labels.",
        "Without one nobody knows what to choose.",
        "<select><option>a</select>",
        "<label>Size <select><option>a</select></label>";
    "sequentially-focusable-element-has-visible-focus", Error, "2.4.7", Aa, "It is seen where the focus is.",
        "People on a keyboard lose their place. Judged where all style sheets are known.",
        "<style>a:focus{outline:none}</style><a href=/>Home</a>",
        "<style>a:focus{outline:2px solid #00f}</style><a href=/>Home</a>", from "W3C ACT rule oj04fd, ";
    "server-side-image-map", Error, "2.1.1", A, "Image maps work by keyboard.",
        "A place in a server-side map can only be pointed at.",
        "<a href=/m><img ismap src=m.png alt=Map></a>",
        "<a href=/m><img src=m.png alt=Map></a>";
    "skip-link", Warning, "", Best, "Links that skip lead somewhere.",
        "A skip link to nothing keeps people where they are.",
        "<a href=#main>Skip to content</a>",
        "<a href=#main>Skip to content</a><main id=main>x</main>";
    "summary-name", Error, "4.1.2", A, "Summaries have names.",
        "Without one nobody knows what opens.",
        "<details><summary></summary>x</details>",
        "<details><summary>More</summary>x</details>";
    "svg-img-alt", Error, "1.1.1", A, "SVG images have names.",
        "Without one nobody knows what is shown.",
        "<svg role=img></svg>",
        "<svg role=img><title>Chart</title></svg>";
    "tabindex", Warning, "", Best, "tabindex is not positive.",
        "The focus jumps about the page.",
        "<button tabindex=3>x</button>",
        "<button>x</button>";
    "table-duplicate-name", Warning, "", Best, "Caption and summary of a table differ.",
        "People hear it twice.",
        "<table summary=Sums><caption>Sums</caption><tr><td>1</table>",
        "<table><caption>Sums</caption><tr><td>1</table>";
    "table-fake-caption", Warning, "1.3.1", A, "A table is named by a caption.",
        "A cell over the whole width is read as a cell.",
        "<table><tr><td colspan=2>Sums</td></tr><tr><th>a</th><td>1</td></tr></table>",
        "<table><caption>Sums</caption><tr><th>a</th><td>1</td></tr></table>";
    "td-has-header", Warning, "1.3.1", A, "Cells of large tables have headers.",
        "Numbers are read without what they are.",
        "<table><caption>x</caption><tr><td>a<td>b<td>c<tr><td>1<td>2<td>3<tr><td>4<td>5<td>6</table>",
        "<table><caption>x</caption><tr><th>a<th>b<th>c<tr><td>1<td>2<td>3<tr><td>4<td>5<td>6</table>";
    "td-headers-attr", Error, "1.3.1", A, "headers names header cells of the same table.",
        "A reference to nothing leaves the cell without its header.",
        "<table><tr><th id=a>A</th><td headers=b>1</td></tr></table>",
        "<table><tr><th id=a>A</th><td headers=a>1</td></tr></table>";
    "th-has-data-cells", Info, "1.3.1", A, "Header cells head cells.",
        "A header of nothing is a cell in bold.",
        "<table><tr><th>A</th></tr></table>",
        "<table><tr><th>A</th><td>1</td></tr></table>";
    "valid-lang", Error, "3.1.2", Aa, "Languages of parts exist.",
        "A code that is not registered is as if none were there.",
        "<p lang=xx>Hej</p>",
        "<p lang=sv>Hej</p>";
    "video-caption", Info, "1.2.2", A, "Videos have captions.",
        "People who do not hear follow a video by its captions.",
        "<video src=a.mp4 controls></video>",
        "<video src=a.mp4 controls><track kind=captions src=a.vtt srclang=en></video>";
    "zoom-text-no-overflow-clipping", Warning, "1.4.4", Aa, "Text is whole when zoomed.",
        "A box of a fixed height hides what no longer fits in it. Judged where the page's own styles size it.",
        r#"<div style="overflow:hidden;height:20px">A text that takes two lines when it is zoomed, since it is longer than a window of half the size is wide, whatever the font may be, is cut off.</div>"#,
        r#"<div style="overflow:hidden;min-height:20px">A text that takes two lines when it is zoomed, since it is longer than a window of half the size is wide, whatever the font may be, is cut off.</div>"#, from "W3C ACT rule 59br37, ";
}
