//! Reading of `<color>` (CSS Color Module Level 4, and `color-mix()` of Level 5).
//!
//! Owns which strings are colours. What is a colour only for a page (`currentcolor`, system colours, CSS-wide keywords,
//! relative colours) is told apart from what is none.

use super::calc::{self, Quantity, Unit};
use super::mix;
use super::named::named;
use super::{Color, Space};
use crate::support::css_tokens::{Kind, Token, Tokens};
use crate::support::css_variables::MAX_SUBSTITUTED_BYTES;

/// Deepest nesting of `color-mix()`; keeps recursion shallow.
const MAX_MIX_DEPTH: usize = 8;
/// Largest size of a component that is kept; a colour that far out is white, black or a fully saturated hue anyway, and
/// its cube still is a number.
const MAX_COMPONENT: f64 = 1e6;

/// Why a text has no colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColorError {
    /// It is no CSS colour: what is wrong with it.
    Invalid(&'static str),
    /// It is one, but this cannot be worked out from the text alone: what stands in the way.
    Unresolved(&'static str),
    /// It is `currentcolor`.
    CurrentColor,
}

/// Reads a colour.
pub fn parse(text: &str) -> Result<Color, ColorError> {
    if text.len() > MAX_SUBSTITUTED_BYTES {
        return Err(ColorError::Invalid("it is longer than any colour"));
    }
    let mut reader = Reader::new(text);
    let color = color(&mut reader, 0)?;
    match reader.next() {
        None => Ok(color),
        Some(_) => Err(ColorError::Invalid("something follows the colour")),
    }
}

/// Tokens of one value, blanks passed over unless they matter.
pub(super) struct Reader<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self { tokens: Tokens::new(text).filter(|token| token.kind != Kind::Comment).collect(), at: 0 }
    }

    fn next_place(&self) -> usize {
        let mut at = self.at;
        while self.tokens.get(at).is_some_and(Token::is_blank) {
            at += 1;
        }
        at
    }

    fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.next_place()).copied()
    }

    /// The next token that is no blank.
    pub(super) fn next(&mut self) -> Option<Token<'a>> {
        let at = self.next_place();
        let token = self.tokens.get(at).copied()?;
        self.at = at + 1;
        Some(token)
    }

    /// Passes over this symbol, if it comes next.
    pub(super) fn take(&mut self, symbol: char) -> bool {
        let found = self.peek().is_some_and(|token| token.is(symbol));
        if found {
            self.next();
        }
        found
    }

    /// Passes over a closing parenthesis; the end of the text closes everything.
    pub(super) fn close(&mut self) -> Result<(), ColorError> {
        match self.next() {
            None => Ok(()),
            Some(token) if token.is(')') => Ok(()),
            Some(_) => Err(ColorError::Invalid("a function has more in it than it takes")),
        }
    }

    /// Passes over a percentage, if it comes next.
    pub(super) fn percentage(&mut self) -> Option<f64> {
        let Kind::Percentage(value) = self.peek()?.kind else { return None };
        self.next();
        Some(value)
    }

    /// Passes over `+` or `-` with spaces on both sides: 1 or -1.
    pub(super) fn spaced_sign(&mut self) -> Option<f64> {
        let at = self.next_place();
        let sign = match self.tokens.get(at)?.kind {
            Kind::Symbol('+') => 1.0,
            Kind::Symbol('-') => -1.0,
            _ => return None,
        };
        if at == self.at || !self.tokens.get(at + 1).is_some_and(Token::is_blank) {
            return None;
        }
        self.at = at + 1;
        Some(sign)
    }
}

pub(super) fn color(reader: &mut Reader<'_>, depth: usize) -> Result<Color, ColorError> {
    let token = reader.next().ok_or(ColorError::Invalid("it is empty"))?;
    match token.kind {
        Kind::Hash => hex_color(&token.name()).ok_or(ColorError::Invalid("# needs 3, 4, 6 or 8 hexadecimal digits")),
        Kind::Ident => keyword(&token.name()),
        Kind::Function => function(reader, &token.name().to_ascii_lowercase(), depth),
        _ => Err(ColorError::Invalid("it is no name, # colour or colour function")),
    }
}

fn hex_color(digits: &str) -> Option<Color> {
    let digits: Vec<u32> = digits.chars().map(|c| c.to_digit(16)).collect::<Option<_>>()?;
    let channels: Vec<u32> = match digits.len() {
        3 | 4 => digits.iter().map(|digit| digit * 17).collect(),
        6 | 8 => digits.chunks(2).map(|pair| pair.iter().fold(0, |value, digit| value * 16 + digit)).collect(),
        _ => return None,
    };
    let channel = |at: usize| channels.get(at).map(|value| f64::from(*value) / 255.0);
    Some(Color {
        space: Space::LegacySrgb,
        components: [channel(0), channel(1), channel(2)],
        alpha: Some(channel(3).unwrap_or(1.0)),
    })
}

// System colours of CSS Color 4, the deprecated ones too.
const SYSTEM_COLORS: [&str; 42] = [
    "accentcolor",
    "accentcolortext",
    "activeborder",
    "activecaption",
    "activetext",
    "appworkspace",
    "background",
    "buttonborder",
    "buttonface",
    "buttonhighlight",
    "buttonshadow",
    "buttontext",
    "canvas",
    "canvastext",
    "captiontext",
    "field",
    "fieldtext",
    "graytext",
    "highlight",
    "highlighttext",
    "inactiveborder",
    "inactivecaption",
    "inactivecaptiontext",
    "infobackground",
    "infotext",
    "linktext",
    "mark",
    "marktext",
    "menu",
    "menutext",
    "scrollbar",
    "selecteditem",
    "selecteditemtext",
    "threeddarkshadow",
    "threedface",
    "threedhighlight",
    "threedlightshadow",
    "threedshadow",
    "visitedtext",
    "window",
    "windowframe",
    "windowtext",
];
const WIDE_KEYWORDS: [&str; 5] = ["inherit", "initial", "unset", "revert", "revert-layer"];

fn keyword(name: &str) -> Result<Color, ColorError> {
    let lower = name.to_ascii_lowercase();
    if let Some(rgb) = named(&lower) {
        let channel = |shift: u32| Some(f64::from((rgb >> shift) & 0xff) / 255.0);
        return Ok(Color {
            space: Space::LegacySrgb,
            components: [channel(16), channel(8), channel(0)],
            alpha: Some(1.0),
        });
    }
    match lower.as_str() {
        "transparent" => Ok(Color { alpha: Some(0.0), ..Color::of_srgb([0.0; 3]) }),
        "currentcolor" => Err(ColorError::CurrentColor),
        name if SYSTEM_COLORS.contains(&name) => Err(ColorError::Unresolved("a system colour")),
        name if WIDE_KEYWORDS.contains(&name) => Err(ColorError::Unresolved("a CSS-wide keyword")),
        _ => Err(ColorError::Invalid("no colour has this name")),
    }
}

fn function(reader: &mut Reader<'_>, name: &str, depth: usize) -> Result<Color, ColorError> {
    match name {
        "rgb" | "rgba" | "hsl" | "hsla" | "hwb" | "lab" | "lch" | "oklab" | "oklch" | "color" => {}
        "color-mix" if depth < MAX_MIX_DEPTH => return mix::color_mix(reader, depth),
        "color-mix" => return Err(ColorError::Invalid("color-mix() nests too deep")),
        "light-dark" | "contrast-color" | "device-cmyk" | "alpha" | "color-layers" | "ictcp" | "jzazbz" | "jzczhz" => {
            return Err(ColorError::Unresolved("a function of CSS Color 5 or later"));
        }
        "var" | "env" | "attr" | "if" => return Err(ColorError::Unresolved("a value that only the page knows")),
        _ => return Err(ColorError::Invalid("no colour function has this name")),
    }
    if reader.peek().is_some_and(|token| token.is_ident("from")) {
        return Err(ColorError::Unresolved("a relative colour"));
    }
    if name == "color" {
        let token = reader.next().ok_or(ColorError::Invalid("color() names no space"))?;
        let space = if token.kind == Kind::Ident { token.name().to_ascii_lowercase() } else { String::new() };
        if space.starts_with("--") {
            return Err(ColorError::Unresolved("a colour space of the page's own"));
        }
        let space = predefined(&space).ok_or(ColorError::Invalid("color() names no predefined space"))?;
        let arguments = Arguments::read(reader)?.modern()?;
        return arguments.color(space, [Scale::Unit(1.0); 3]);
    }
    let arguments = Arguments::read(reader)?;
    match name {
        "rgb" | "rgba" => arguments.rgb(),
        "hsl" | "hsla" => arguments.hsl(),
        "hwb" => arguments.modern()?.color(Space::Hwb, [Scale::Hue, Scale::Hundred, Scale::Hundred]),
        "lab" => {
            arguments.modern()?.color(Space::Lab, [Scale::Lightness(100.0), Scale::Unit(125.0), Scale::Unit(125.0)])
        }
        "lch" => arguments.modern()?.color(Space::Lch, [Scale::Lightness(100.0), Scale::Chroma(150.0), Scale::Hue]),
        "oklab" => arguments.modern()?.color(Space::Oklab, [Scale::Lightness(1.0), Scale::Unit(0.4), Scale::Unit(0.4)]),
        _ => arguments.modern()?.color(Space::Oklch, [Scale::Lightness(1.0), Scale::Chroma(0.4), Scale::Hue]),
    }
}

/// The space that `color()` and `color-mix()` know by this lower-case name.
pub(super) fn predefined(name: &str) -> Option<Space> {
    let space = match name {
        "srgb" => Space::Srgb,
        "srgb-linear" => Space::SrgbLinear,
        "display-p3" => Space::DisplayP3,
        "display-p3-linear" => Space::DisplayP3Linear,
        "a98-rgb" => Space::A98Rgb,
        "prophoto-rgb" => Space::ProphotoRgb,
        "rec2020" => Space::Rec2020,
        "xyz" | "xyz-d65" => Space::XyzD65,
        "xyz-d50" => Space::XyzD50,
        _ => return None,
    };
    Some(space)
}

/// How a component is written and bounded.
#[derive(Clone, Copy)]
enum Scale {
    /// 0 to 255, or a percentage of that; bounded.
    Byte,
    /// A number or percentage of 0 to 100, meaning the same.
    Hundred,
    /// The same, not negative.
    Saturation,
    /// Any number; 100 % is this.
    Unit(f64),
    /// 0 to this, which is 100 %; bounded.
    Lightness(f64),
    /// Not negative; 100 % is this.
    Chroma(f64),
    /// An angle, or a number of degrees.
    Hue,
}

impl Scale {
    fn value(self, Quantity { value, unit }: Quantity) -> Result<f64, ColorError> {
        let value = match (self, unit) {
            (Self::Hue, Unit::Number | Unit::Angle) if value.is_finite() => return Ok(value.rem_euclid(360.0)),
            (Self::Hue, Unit::Number | Unit::Angle) => return Ok(0.0),
            (Self::Hue, Unit::Percent) => return Err(ColorError::Invalid("a hue is a number or an angle")),
            (_, Unit::Angle) => return Err(ColorError::Invalid("an angle stands where none is taken")),
            (Self::Byte, Unit::Number) => value / 255.0,
            (Self::Byte, Unit::Percent) => value / 100.0,
            (Self::Unit(whole) | Self::Lightness(whole) | Self::Chroma(whole), Unit::Percent) => value / 100.0 * whole,
            (_, Unit::Number) | (Self::Hundred | Self::Saturation, Unit::Percent) => value,
        };
        let value = if value.is_nan() { 0.0 } else { value.clamp(-MAX_COMPONENT, MAX_COMPONENT) };
        Ok(match self {
            Self::Byte => value.clamp(0.0, 1.0),
            Self::Lightness(whole) => value.clamp(0.0, whole),
            Self::Saturation | Self::Chroma(_) => value.max(0.0),
            Self::Hundred | Self::Unit(_) | Self::Hue => value,
        })
    }
}

// What stands between the parentheses of a colour function.
struct Arguments {
    // Absent where `none` is written.
    components: [Option<Quantity>; 3],
    // The same; 1 where nothing is written.
    alpha: Option<Quantity>,
    commas: bool,
}

impl Arguments {
    fn read(reader: &mut Reader<'_>) -> Result<Self, ColorError> {
        let first = component(reader)?;
        let commas = reader.take(',');
        let second = component(reader)?;
        if commas && !reader.take(',') {
            return Err(ColorError::Invalid("it mixes commas and spaces, or lacks a component"));
        }
        let third = component(reader)?;
        let has_alpha = reader.take(if commas { ',' } else { '/' });
        let opaque = Quantity { value: 1.0, unit: Unit::Number };
        let alpha = if has_alpha { component(reader)? } else { Some(opaque) };
        reader.close()?;
        Ok(Self { components: [first, second, third], alpha, commas })
    }

    fn modern(self) -> Result<Self, ColorError> {
        if self.commas { Err(ColorError::Invalid("this function takes no commas")) } else { Ok(self) }
    }

    fn check_legacy(&self, units: &[[Unit; 3]], what: &'static str) -> Result<(), ColorError> {
        if !self.commas {
            return Ok(());
        }
        if self.alpha.is_none() {
            return Err(ColorError::Invalid("none does not go with commas"));
        }
        // A hue is a number or an angle.
        let found = self.components.map(|component| component.map(|it| it.unit));
        let fits = |units: &[Unit; 3]| units.map(Some) == found;
        if units.iter().any(fits) { Ok(()) } else { Err(ColorError::Invalid(what)) }
    }

    fn rgb(self) -> Result<Color, ColorError> {
        let units = [[Unit::Number; 3], [Unit::Percent; 3]];
        self.check_legacy(&units, "with commas, rgb() takes three numbers or three percentages")?;
        self.color(Space::LegacySrgb, [Scale::Byte; 3])
    }

    fn hsl(self) -> Result<Color, ColorError> {
        let units = [Unit::Number, Unit::Angle].map(|hue| [hue, Unit::Percent, Unit::Percent]);
        self.check_legacy(&units, "with commas, hsl() takes a hue and two percentages")?;
        self.color(Space::Hsl, [Scale::Hue, Scale::Saturation, Scale::Hundred])
    }

    fn color(self, space: Space, scales: [Scale; 3]) -> Result<Color, ColorError> {
        let read = |component: Option<Quantity>, scale: Scale| component.map(|it| scale.value(it)).transpose();
        let mut components = [None; 3];
        for (read_as, (component, scale)) in components.iter_mut().zip(self.components.into_iter().zip(scales)) {
            *read_as = read(component, scale)?;
        }
        Ok(Color { space, components, alpha: read(self.alpha, Scale::Lightness(1.0))? })
    }
}

fn component(reader: &mut Reader<'_>) -> Result<Option<Quantity>, ColorError> {
    let token = reader.next().ok_or(ColorError::Invalid("a component is missing"))?;
    let (value, unit) = match token.kind {
        Kind::Ident if token.is_ident("none") => return Ok(None),
        Kind::Number(value) => (value, Unit::Number),
        Kind::Percentage(value) => (value, Unit::Percent),
        Kind::Dimension(value, _) => {
            let degrees = calc::degrees(value, &token.unit());
            (degrees.ok_or(ColorError::Invalid("a component has a unit that is no angle"))?, Unit::Angle)
        }
        Kind::Function => return calc::function(reader, &token.name(), 0).map(Some),
        Kind::Symbol(')') => return Err(ColorError::Invalid("a component is missing")),
        Kind::Symbol(',') => return Err(ColorError::Invalid("a comma stands where none is taken")),
        Kind::Symbol('/') => return Err(ColorError::Invalid("a slash stands where none is taken")),
        _ => return Err(ColorError::Invalid("a component is no number, percentage, angle or none")),
    };
    Ok(Some(Quantity { value, unit }))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::float_cmp, reason = "components are read exactly")]
    use super::*;

    fn ok(text: &str) -> Color {
        parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"))
    }

    #[test]
    fn reads_every_form() {
        let red = ok("red").components;
        for text in [
            "#f00",
            "#F00F",
            "#ff0000",
            "#Ff0000fF",
            "RGB(255 0 0)",
            "rgba(255,0,0)",
            "rgb(100%,0%,0%,1)",
            "rgb(100% 0 none)",
            "rgb(255 0 0 / 100%)",
            "rgb(300 -20 calc(1 - 1))",
            "\\72 ed",
            "rgb( /**/255 0 0",
            "rgb(255 0 0/1)",
        ] {
            assert_eq!(
                ok(text).components.map(Option::unwrap_or_default),
                red.map(Option::unwrap_or_default),
                "{text}"
            );
        }
        assert_eq!(ok("hsl(0.5turn 50% 40)").components, [Some(180.0), Some(50.0), Some(40.0)]);
        assert_eq!(ok("hsl(-90, 150%, 40%, .5)").components, [Some(270.0), Some(150.0), Some(40.0)]);
        assert_eq!(ok("oklch(40% 50% 400)").components, [Some(0.4), Some(0.2), Some(40.0)]);
        assert_eq!(
            ok("lab(400 -50% 10 / none)"),
            Color { space: Space::Lab, components: [Some(100.0), Some(-62.5), Some(10.0)], alpha: None }
        );
        assert_eq!(ok("lch(50 -5 none)").components, [Some(50.0), Some(0.0), None]);
        assert_eq!(ok("color(xyz 50% .5 -0.1)").components, [Some(0.5), Some(0.5), Some(-0.1)]);
        assert_eq!(ok("color(display-p3 calc(infinity) 0 NONE)").components, [Some(MAX_COMPONENT), Some(0.0), None]);
        assert_eq!(ok("hsl(calc(infinity) 0 0 / calc(0 / 0))").alpha, Some(0.0));
    }

    #[test]
    fn refuses_what_is_no_color() {
        for text in [
            "",
            " ",
            "auto",
            "123",
            "#12",
            "#12345",
            "#123456789",
            "#ggg",
            "rgb",
            "rgb()",
            "rgb(1)",
            "rgb(1,2,3,4,5)",
            "rgb(10%, 20, 30%)",
            "rgb(1, 2 3)",
            "rgb(1 2, 3)",
            "rgb(none, 0, 0)",
            "rgb(1 2 3 4)",
            "rgb(1 2 3, 4)",
            "rgb(1, 2, 3 / 4)",
            "rgb(1deg 2 3)",
            "rgb (1 2 3)",
            "hsl(1, 2, 3)",
            "hsl(10% 20% 30%)",
            "hwb(1, 2%, 3%)",
            "hwba(120 30% 50%)",
            "lab(0% 0 0deg)",
            "lab(1, 2, 3)",
            "oklch(20% 10 10deg 10)",
            "color(srgb 0 0)",
            "color(srgb 0 0 0 0)",
            "color(srgb 0deg 0 0)",
            "color(lab 20% 0 10)",
            "color(srgb, 0, 0, 0)",
            "red blue",
            "red,",
            "rgb(1 2 3))",
            "rgb(calc(1+2) 0 0)",
            "rgb(calc(1 + 2%) 0 0)",
            "rgb(calc(1%*1%) 0 0)",
            "rgb(calc() 0 0)",
            "rgb(calc(1 +) 0 0)",
            "rgb(1 2 3 /)",
            "rgb(5. 0 0)",
            "rgb(1 2 3 / none none)",
            "rgb(0, 0, 0, none)",
            "\"red\"",
            "transparent!",
        ] {
            assert!(matches!(parse(text), Err(ColorError::Invalid(_))), "{text}: {:?}", parse(text));
        }
    }

    #[test]
    fn tells_apart_what_only_a_page_knows() {
        assert_eq!(parse("currentColor"), Err(ColorError::CurrentColor));
        for text in [
            "CanvasText",
            "inherit",
            "rgb(from red r g b)",
            "light-dark(red, blue)",
            "hsl(calc(1 * sign(1em - 10px)) 0 0)",
        ] {
            assert!(matches!(parse(text), Err(ColorError::Unresolved(_))), "{text}");
        }
    }

    #[test]
    fn deep_nesting_ends() {
        assert!(parse(&format!("rgb({}1{} 0 0)", "calc(".repeat(700), ")".repeat(700))).is_err());
        assert!(parse(&format!("rgb(calc({}1{}) 0 0)", "(".repeat(1900), ")".repeat(1900))).is_err());
        assert!(parse(&"color-mix(in srgb, ".repeat(150)).is_err());
    }
}
