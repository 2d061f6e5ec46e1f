//! The rules: html-validate's ids, and the HTML standard's own codes of parse errors.

use octavo_toolkit::{Level, Rule, rule_docs};

macro_rules! rules {
    ($($id:literal, $level:ident, $summary:literal, $why:literal, $wrong:literal, $right:literal;)+) => {
        /// The rules.
        pub(super) const RULES: &[Rule] = &[$(Rule {
            id: $id,
            level: Level::$level,
            summary: $summary,
            docs: rule_docs!(why: $why, wrong: $wrong, right: $right, source: concat!("HTML standard; ", $id)),
        }),+];
    };
}

#[rustfmt::skip]
rules! {
    "missing-doctype", Error, "The page begins with a document type.",
        "Without one browsers lay the page out as those of the 1990s did.",
        "<html><body>x</body></html>",
        "<!doctype html><html><body>x</body></html>";
    "doctype-html", Error, "The document type is that of HTML.",
        "Other document types are obsolete, and some change the layout.",
        r#"<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x"><p>x"#,
        "<!doctype html><p>x";
    "close-order", Error, "Tags open and close in order.",
        "The browser mends it by its own rules, and the tree is another than the one written.",
        "<p><b>x</p>",
        "<p><b>x</b></p>";
    "no-self-closing", Error, "Only void elements close themselves.",
        "The slash is left out, so the element goes on.",
        "<div/>x",
        "<div></div>x";
    "no-dup-attr", Error, "An attribute is given once.",
        "The second one does not count.",
        "<p class=a class=b>x",
        r#"<p class="a b">x"#;
    "no-dup-id", Error, "Ids are unique.",
        "Links, labels and scripts find the first alone.",
        "<p id=a>x<p id=a>y",
        "<p id=a>x<p id=b>y";
    "no-missing-references", Error, "Labels name a control of the page.",
        "A label of nothing is no label.",
        "<!doctype html><label for=b>x</label><input id=a>",
        "<!doctype html><label for=a>x</label><input id=a>";
    "element-name", Error, "Elements exist.",
        "What is not known means nothing.",
        "<blah>x</blah>",
        "<x-blah>x</x-blah>";
    "deprecated", Error, "Elements are not obsolete.",
        "Browsers keep them for old pages alone.",
        "<center>x</center>",
        "<div>x</div>";
    "no-deprecated-attr", Error, "Attributes are not obsolete.",
        "How it looks belongs to CSS.",
        "<table bgcolor=red></table>",
        "<table class=red></table>";
    "element-permitted-content", Error, "Elements stand where they may.",
        "Other programs read it otherwise than it is meant.",
        "<ul><p>x</p></ul>",
        "<ul><li>x</li></ul>";
    "element-permitted-parent", Error, "Elements and text stand where the parser leaves them.",
        "What a table cannot hold is moved before it.",
        "<table><tr>x<td>y</table>",
        "<table><tr><td>x y</table>";
    "element-required-content", Error, "Elements hold what they must.",
        "A page without a title has no name.",
        "<!doctype html><html><head></head><body>x",
        "<!doctype html><html><head><title>x</title></head><body>x";
    "element-required-attributes", Error, "Elements have the attributes they need.",
        "Without it the element does nothing.",
        "<img alt=x>",
        "<img src=x.png alt=x>";
    "attribute-not-allowed", Error, "Elements have attributes that exist.",
        "Own attributes begin with data-.",
        "<p foo=x>y",
        "<p data-foo=x>y";
    "attribute-allowed-values", Error, "Attributes have values they take.",
        "What is not known counts as if it were not there.",
        "<input type=foo>",
        "<input type=text>";
    "input-attributes", Error, "Inputs have attributes that fit their type.",
        "On another type it does nothing.",
        "<input type=checkbox maxlength=3>",
        "<input type=text maxlength=3>";
    "empty-title", Error, "The title has text.",
        "It names the page everywhere.",
        "<!doctype html><title></title>",
        "<!doctype html><title>x</title>";
    "document-cut", Warning, "The whole document is read.",
        "What nests too deeply, or lies beyond a very long document, is not checked.",
        "(513 elements inside each other)",
        "(512 elements inside each other)";
    "abrupt-closing-of-empty-comment", Error, "A comment is closed by -->.",
        "The comment ends at once; what was meant to be in it is shown.",
        "<!-->",
        "<!-- -->";
    "abrupt-doctype-public-identifier", Error, "A document type is whole.",
        "The > ends the document type, which is broken, and the page is laid out as in the 1990s.",
        r#"<!DOCTYPE html PUBLIC "x>"#,
        "<!doctype html>";
    "abrupt-doctype-system-identifier", Error, "A document type is whole.",
        "The > ends the document type, which is broken, and the page is laid out as in the 1990s.",
        r#"<!DOCTYPE html SYSTEM "x>"#,
        "<!doctype html>";
    "absence-of-digits-in-numeric-character-reference", Error, "A numeric character reference has digits.",
        "It is no reference, and is shown as it is written.",
        "<p>&#;",
        "<p>&#38;";
    "cdata-in-html-content", Error, "CDATA stands in SVG and MathML alone.",
        "It is read as a comment: the text in it is not shown.",
        "<p><![CDATA[x]]>",
        "<p>x";
    "character-reference-outside-unicode-range", Error, "A character reference is of Unicode.",
        "There is no such character; a replacement sign is shown.",
        "<p>&#x110000;",
        "<p>&#x1F600;";
    "control-character-reference", Error, "A character reference is of no control character.",
        "Browsers take some of these for characters of Windows-1252, and show nothing for the others.",
        "<p>&#1;",
        "<p>x";
    "control-character-in-input-stream", Error, "There are no control characters.",
        "It shows nothing, breaks other tools, and comes of a damaged file.",
        "(U+0001 in a text)",
        "(a text without it)";
    "end-tag-with-attributes", Error, "End tags have no attributes.",
        "They are left out: no element gets them.",
        "<p>x</p class=a>",
        "<p class=a>x</p>";
    "end-tag-with-trailing-solidus", Error, "End tags have no slash at their end.",
        "The slash is left out; an end tag ends by itself.",
        "<p>x</p/>",
        "<p>x</p>";
    "eof-before-tag-name", Error, "The source does not end in a tag.",
        "A tag seems to be missing, and the sign is shown as text.",
        "<p>x<",
        "<p>x";
    "eof-in-cdata", Error, "CDATA is closed.",
        "All that follows is text of it, to the end.",
        "<svg><![CDATA[x",
        "<svg><![CDATA[x]]></svg>";
    "eof-in-comment", Error, "Comments are closed.",
        "All that follows is in the comment, and is not shown.",
        "<p>x<!-- y",
        "<p>x<!-- y -->";
    "eof-in-doctype", Error, "A document type is whole.",
        "The document type is broken, and the page is laid out as in the 1990s.",
        "<!DOCTYPE",
        "<!doctype html>";
    "eof-in-script-html-comment-like-text", Error, "Scripts are closed.",
        "All that follows is script, and the script does not run.",
        "<script><!-- x",
        "<script>x</script>";
    "eof-in-tag", Error, "Tags are closed.",
        "The tag is dropped, with all that is in it.",
        "<p>x<b class",
        "<p>x<b class=y></b>";
    "incorrectly-closed-comment", Error, "A comment is closed by -->.",
        "Older programs do not take this for the end, and hide what follows.",
        "<p><!-- x --!>",
        "<p><!-- x -->";
    "incorrectly-opened-comment", Error, "A comment begins with <!-- .",
        "It is read as a comment up to the next >, wherever that is.",
        "<p><! x >",
        "<p><!-- x -->";
    "invalid-character-sequence-after-doctype-name", Error, "A document type is whole.",
        "The document type is broken, and the page is laid out as in the 1990s.",
        "<!DOCTYPE html x>",
        "<!doctype html>";
    "invalid-first-character-of-tag-name", Error, "A tag's name begins with a letter.",
        "It is shown as text; a < that is meant as a sign is written &lt;.",
        "<p>1 <2",
        "<p>1 &lt;2";
    "missing-attribute-value", Error, "An attribute with = has a value.",
        "The value is empty, or the next word is taken for it.",
        "<p class=>x",
        "<p class=a>x";
    "missing-doctype-name", Error, "A document type has a name.",
        "The document type is broken, and the page is laid out as in the 1990s.",
        "<!DOCTYPE>",
        "<!doctype html>";
    "missing-doctype-public-identifier", Error, "A document type is whole.",
        "The document type is broken, and the page is laid out as in the 1990s.",
        "<!DOCTYPE html PUBLIC>",
        "<!doctype html>";
    "missing-doctype-system-identifier", Error, "A document type is whole.",
        "The document type is broken, and the page is laid out as in the 1990s.",
        "<!DOCTYPE html SYSTEM>",
        "<!doctype html>";
    "missing-end-tag-name", Error, "An end tag has a name.",
        "It closes nothing, and the element goes on.",
        "<p>x</>",
        "<p>x</p>";
    "missing-quote-before-doctype-public-identifier", Error, "A document type is whole.",
        "The document type is broken, and the page is laid out as in the 1990s.",
        "<!DOCTYPE html PUBLIC x>",
        "<!doctype html>";
    "missing-quote-before-doctype-system-identifier", Error, "A document type is whole.",
        "The document type is broken, and the page is laid out as in the 1990s.",
        "<!DOCTYPE html SYSTEM x>",
        "<!doctype html>";
    "missing-semicolon-after-character-reference", Error, "Character references end with a semicolon.",
        "Whether it is a reference depends on what follows, in attributes otherwise than in text.",
        "<p>&amp x",
        "<p>&amp; x";
    "missing-whitespace-after-doctype-public-keyword", Error, "A document type is whole.",
        "Browsers go on, other programs do not read the document type.",
        r#"<!DOCTYPE html PUBLIC"x">"#,
        "<!doctype html>";
    "missing-whitespace-after-doctype-system-keyword", Error, "A document type is whole.",
        "Browsers go on, other programs do not read the document type.",
        r#"<!DOCTYPE html SYSTEM"x">"#,
        "<!doctype html>";
    "missing-whitespace-before-doctype-name", Error, "A space stands before the document type's name.",
        "Browsers go on, other programs do not read the document type.",
        "<!DOCTYPEhtml>",
        "<!doctype html>";
    "missing-whitespace-between-attributes", Error, "Spaces stand between attributes.",
        "One quote less, and both are one attribute.",
        r#"<p class="a"id="b">x"#,
        r#"<p class="a" id="b">x"#;
    "missing-whitespace-between-doctype-public-and-system-identifiers", Error, "A document type is whole.",
        "Browsers go on, other programs do not read the document type.",
        r#"<!DOCTYPE html PUBLIC "x""y">"#,
        "<!doctype html>";
    "nested-comment", Error, "Comments hold no comments.",
        "The first --> ends both, so that what follows is shown.",
        "<p><!-- a <!-- b -->",
        "<p><!-- a b -->";
    "noncharacter-character-reference", Error, "A character reference is of a character.",
        "It stands for nothing, now and for all time.",
        "<p>&#xFFFF;",
        "<p>x";
    "noncharacter-in-input-stream", Error, "There are no noncharacters.",
        "It stands for nothing, and comes of a damaged file.",
        "(U+FFFF in a text)",
        "(a text without it)";
    "null-character-reference", Error, "A character reference is of a character.",
        "A replacement sign is shown.",
        "<p>&#0;",
        "<p>x";
    "surrogate-character-reference", Error, "A character reference is of a character.",
        "Half of a character is none; a replacement sign is shown.",
        "<p>&#xD800;",
        "<p>x";
    "unexpected-character-after-doctype-system-identifier", Error, "A document type is whole.",
        "It is left out; the document type was meant otherwise.",
        r#"<!DOCTYPE html SYSTEM "x" y>"#,
        "<!doctype html>";
    "unexpected-character-in-attribute-name", Error, "Names of attributes have no quotes and no <.",
        "It is taken for a part of the name, mostly since a quote or a > is missing before it.",
        r#"<p a"b>x"#,
        "<p ab>x";
    "unexpected-character-in-unquoted-attribute-value", Error, "Values without quotes have no quotes, <, = and `.",
        "It is taken for a part of the value, mostly since a quote is missing.",
        r#"<p class=a"b>x"#,
        "<p class=ab>x";
    "unexpected-equals-sign-before-attribute-name", Error, "An attribute has a name.",
        "It is taken for the name's first letter; a name is missing.",
        "<p =a>x",
        "<p b=a>x";
    "unexpected-null-character", Error, "There are no null characters.",
        "It is dropped or replaced, and comes of a damaged file.",
        "(U+0000 in a text)",
        "(a text without it)";
    "unexpected-question-mark-instead-of-tag-name", Error, "There are no processing instructions.",
        "It is read as a comment; HTML has no such instructions.",
        r#"<?xml version="1.0"?><p>x"#,
        "<p>x";
    "unexpected-solidus-in-tag", Error, "A slash stands at the end of a tag alone.",
        "It is left out: / separates attributes as a space does, and closes nothing.",
        "<p / class=a>x",
        "<p class=a>x";
    "unknown-named-character-reference", Error, "Character references exist.",
        "It is shown as it is written.",
        "<p>&foo;",
        "<p>&copy;";
}
