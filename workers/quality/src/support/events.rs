//! What a source consists of, said the same way for every language: the events that readers send and tools listen to.
//!
//! Events come in source order. Every `Open`, `Enter`, `Deepen`, `BeginSequence` and `EnterScope` is matched by its
//! counterpart, even in broken source.

/// One thing met while reading a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<'a> {
    /// A function with a body begins.
    Open(Opening<'a>),
    /// The function opened last ends.
    Close,
    /// A named container of functions begins: a class, an implementation.
    EnterScope(&'a str),
    /// It ends.
    LeaveScope,
    /// A point where control flow may take another path (`McCabe`).
    Decision,
    /// A control structure begins.
    Enter(Construct),
    /// It ends.
    Leave(Construct),
    /// A break in linear flow that does not depend on nesting: an else, a jump to a label.
    Break,
    /// A part begins that is one level deeper: the body of a control structure, a closure.
    Deepen,
    /// It ends.
    Undeepen,
    /// An expression of logical operators begins that is not part of a larger one.
    BeginSequence,
    /// It ends.
    EndSequence,
    /// A logical operator of the sequence begun last, in reading order.
    Logical(LogicalOperator),
    /// A call of a function by its bare name.
    Call(&'a str),
    /// A piece of text that is neither blank nor a comment.
    Token(Token),
}

/// The head of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening<'a> {
    /// Its own name; `None` where it has none.
    pub name: Option<&'a str>,
    /// Byte offset of its name, or of itself where it has none.
    pub start: usize,
    /// Byte offset from which the tokens are its own: behind the name.
    pub own_from: usize,
    /// Byte offset behind its last character.
    pub end: usize,
    /// How many parameters it declares.
    pub parameters: u32,
    /// Whether it only defines one function and returns it, as decorators do.
    pub wrapper: bool,
}

/// A control structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Construct {
    /// `if`, not `else if`.
    If,
    /// Any loop.
    Loop,
    /// A loop inside an expression: each `for` of a comprehension.
    Comprehension,
    /// `switch`, `match`, `select`.
    Switch,
    /// A handler of exceptions.
    Catch,
    /// A conditional expression.
    Ternary,
    /// `try` with its handlers.
    Try,
}

/// A logical operator that may skip its right side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogicalOperator {
    /// `&&`, `and`.
    And,
    /// `||`, `or`.
    Or,
    /// `??`.
    Coalesce,
}

/// A piece of text, as byte offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What Halstead counts it as.
    pub class: TokenClass,
    /// Where it starts.
    pub start: usize,
    /// Where it ends, exclusive.
    pub end: usize,
}

/// What Halstead counts a token as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenClass {
    /// A keyword or a sign.
    Operator,
    /// A name or a literal.
    Operand,
    /// A string that stands alone as a statement: documentation, an operand that is no line of code.
    Documentation,
}

/// Who is told.
pub trait Listener<'a> {
    /// Takes the next event.
    fn on(&mut self, event: Event<'a>);
}
