//! What the node kinds of each tree-sitter grammar mean, one table a language: the only place that names them.
//!
//! A kind that is not listed has no meaning of its own. Leaves are tokens: named ones operands, the others operators,
//! unless listed.

use super::depth::Layout;
use super::events::{Construct, LogicalOperator};
use super::walk::Kinds;
use std::fmt;
use std::sync::OnceLock;

/// The meaning of one language's node kinds.
pub struct Table {
    /// The grammar.
    pub grammar: fn() -> tree_sitter::Language,
    /// Named kinds.
    pub nodes: &'static [(&'static str, Node)],
    /// Unnamed kinds: keywords and signs.
    pub words: &'static [(&'static str, Word)],
    /// Kinds that are one parameter each, inside a parameter list.
    pub parameters: &'static [&'static str],
    /// What parts statements.
    pub layout: Layout,
    /// Whether a call by the bare function name is certain to be recursion (it is not where names are overloaded).
    pub calls_by_name: bool,
    /// What each kind of the grammar means, by its number; made when it is first asked for.
    pub kinds: OnceLock<Kinds>,
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("nodes", &self.nodes.len()).finish_non_exhaustive()
    }
}

/// The meaning of a named node.
#[derive(Debug, Clone, Copy)]
pub struct Node {
    /// What it is.
    pub role: Role,
    /// Whether it is a decision by itself (most are counted by their keyword).
    pub decides: bool,
    /// Fields whose content is one level deeper.
    pub deeper: &'static [&'static str],
}

/// What a named node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Nothing of its own.
    Plain,
    /// A control structure.
    Branch(Construct),
    /// The body of an `elif`: counted flat.
    ElseIf,
    /// The clause of an `else`, whose parent says whether it counts.
    ElseClause,
    /// One level deeper as a whole.
    Deeper,
    /// An arm of a match: a decision unless it is the first.
    Arm,
    /// A comprehension; its clauses count.
    Comprehension,
    /// Counts flat inside a comprehension, not as the guard of a case.
    ComprehensionIf,
    /// Counts flat.
    Flat,
    /// Counts flat if it names a label.
    Jump,
    /// A declaration whose `else` branches off.
    LetElse,
    /// A function, if it has a `body`.
    Function,
    /// A container of functions, named by this field.
    Scope(&'static str),
    /// An operation that may be logical, told by its `operator`.
    Operation,
    /// An operation that always is logical.
    Logical,
    /// Parentheses.
    Parenthesized,
    /// A call, its `function` a field.
    Call,
    /// A literal that is one operand, whatever it is made of.
    Literal,
    /// Code inside a literal.
    Interpolation,
    /// A leaf that is an operator although it is named.
    Operator,
    /// A comment.
    Comment,
    /// A statement that is only an expression; a string alone is documentation.
    ExpressionStatement,
    /// A preprocessor directive around code: its own words are no code.
    Directive,
    /// A preprocessor directive as a whole.
    Ignored,
    /// Tokens handed to a macro, in which operators cannot be told from references.
    TokenTree,
}

/// What a keyword or sign means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// A decision.
    Decision,
    /// `else`.
    Else,
    /// A logical operator, which is a decision too.
    Logical(LogicalOperator),
}

const fn node(role: Role) -> Node {
    Node { role, decides: false, deeper: &[] }
}

const fn branch(construct: Construct, deeper: &'static [&'static str]) -> Node {
    Node { role: Role::Branch(construct), decides: false, deeper }
}

const fn deciding(construct: Construct, deeper: &'static [&'static str]) -> Node {
    Node { role: Role::Branch(construct), decides: true, deeper }
}

const CLOSURE: Node = node(Role::Deeper);
const COMPREHENSION: Node = Node { role: Role::Comprehension, decides: false, deeper: &["body"] };
const AND: Word = Word::Logical(LogicalOperator::And);
const OR: Word = Word::Logical(LogicalOperator::Or);

/// C.
pub static C: Table = Table {
    grammar: || tree_sitter_c::LANGUAGE.into(),
    layout: Layout::Directives,
    nodes: &[
        ("function_definition", node(Role::Function)),
        ("if_statement", branch(Construct::If, &["consequence"])),
        ("else_clause", node(Role::ElseClause)),
        ("for_statement", branch(Construct::Loop, &["body"])),
        ("while_statement", branch(Construct::Loop, &["body"])),
        ("do_statement", branch(Construct::Loop, &["body"])),
        ("switch_statement", branch(Construct::Switch, &["body"])),
        ("conditional_expression", deciding(Construct::Ternary, &["consequence", "alternative"])),
        ("goto_statement", node(Role::Flat)),
        ("binary_expression", node(Role::Operation)),
        ("parenthesized_expression", node(Role::Parenthesized)),
        ("call_expression", node(Role::Call)),
        ("string_literal", node(Role::Literal)),
        ("char_literal", node(Role::Literal)),
        ("null", node(Role::Literal)),
        ("system_lib_string", node(Role::Literal)),
        ("primitive_type", node(Role::Operator)),
        ("comment", node(Role::Comment)),
        ("preproc_if", node(Role::Directive)),
        ("preproc_ifdef", node(Role::Directive)),
        ("preproc_else", node(Role::Directive)),
        ("preproc_elif", node(Role::Directive)),
        ("preproc_elifdef", node(Role::Directive)),
        ("preproc_def", node(Role::Ignored)),
        ("preproc_function_def", node(Role::Ignored)),
        ("preproc_call", node(Role::Ignored)),
    ],
    words: &[
        ("if", Word::Decision),
        ("for", Word::Decision),
        ("while", Word::Decision),
        ("case", Word::Decision),
        ("#if", Word::Decision),
        ("#ifdef", Word::Decision),
        ("#elif", Word::Decision),
        ("else", Word::Else),
        ("&&", AND),
        ("||", OR),
    ],
    parameters: &["parameter_declaration", "identifier"],
    calls_by_name: true,
    kinds: OnceLock::new(),
};

/// Go.
pub static GO: Table = Table {
    grammar: || tree_sitter_go::LANGUAGE.into(),
    layout: Layout::Lines,
    nodes: &[
        ("function_declaration", node(Role::Function)),
        ("method_declaration", node(Role::Function)),
        ("func_literal", node(Role::Function)),
        ("if_statement", branch(Construct::If, &["consequence"])),
        ("for_statement", branch(Construct::Loop, &["body"])),
        ("expression_switch_statement", branch(Construct::Switch, &[])),
        ("type_switch_statement", branch(Construct::Switch, &[])),
        ("select_statement", branch(Construct::Switch, &[])),
        ("expression_case", node(Role::Deeper)),
        ("type_case", node(Role::Deeper)),
        ("communication_case", node(Role::Deeper)),
        ("default_case", node(Role::Deeper)),
        ("goto_statement", node(Role::Flat)),
        ("break_statement", node(Role::Jump)),
        ("continue_statement", node(Role::Jump)),
        ("binary_expression", node(Role::Operation)),
        ("parenthesized_expression", node(Role::Parenthesized)),
        ("call_expression", node(Role::Call)),
        ("interpreted_string_literal", node(Role::Literal)),
        ("raw_string_literal", node(Role::Literal)),
        ("comment", node(Role::Comment)),
    ],
    words: &[
        ("if", Word::Decision),
        ("for", Word::Decision),
        ("case", Word::Decision),
        ("else", Word::Else),
        ("&&", AND),
        ("||", OR),
    ],
    parameters: &["parameter_declaration", "variadic_parameter_declaration"],
    calls_by_name: true,
    kinds: OnceLock::new(),
};

/// Java.
pub static JAVA: Table = Table {
    grammar: || tree_sitter_java::LANGUAGE.into(),
    layout: Layout::Signs,
    nodes: &[
        ("class_declaration", node(Role::Scope("name"))),
        ("interface_declaration", node(Role::Scope("name"))),
        ("enum_declaration", node(Role::Scope("name"))),
        ("record_declaration", node(Role::Scope("name"))),
        ("annotation_type_declaration", node(Role::Scope("name"))),
        ("method_declaration", node(Role::Function)),
        ("constructor_declaration", node(Role::Function)),
        ("compact_constructor_declaration", node(Role::Function)),
        ("lambda_expression", CLOSURE),
        ("if_statement", branch(Construct::If, &["consequence"])),
        ("for_statement", branch(Construct::Loop, &["body"])),
        ("enhanced_for_statement", branch(Construct::Loop, &["body"])),
        ("while_statement", branch(Construct::Loop, &["body"])),
        ("do_statement", branch(Construct::Loop, &["body"])),
        ("switch_expression", branch(Construct::Switch, &["body"])),
        ("ternary_expression", deciding(Construct::Ternary, &["consequence", "alternative"])),
        ("try_statement", branch(Construct::Try, &[])),
        ("try_with_resources_statement", branch(Construct::Try, &[])),
        ("catch_clause", branch(Construct::Catch, &["body"])),
        ("break_statement", node(Role::Jump)),
        ("continue_statement", node(Role::Jump)),
        ("binary_expression", node(Role::Operation)),
        ("parenthesized_expression", node(Role::Parenthesized)),
        ("string_literal", node(Role::Literal)),
        ("character_literal", node(Role::Literal)),
        ("void_type", node(Role::Operator)),
        ("boolean_type", node(Role::Operator)),
        ("integral_type", node(Role::Operator)),
        ("floating_point_type", node(Role::Operator)),
        ("line_comment", node(Role::Comment)),
        ("block_comment", node(Role::Comment)),
    ],
    words: &[
        ("if", Word::Decision),
        ("for", Word::Decision),
        ("while", Word::Decision),
        ("case", Word::Decision),
        ("catch", Word::Decision),
        ("else", Word::Else),
        ("&&", AND),
        ("||", OR),
    ],
    parameters: &["formal_parameter", "spread_parameter"],
    calls_by_name: false,
    kinds: OnceLock::new(),
};

/// Python.
pub static PYTHON: Table = Table {
    grammar: || tree_sitter_python::LANGUAGE.into(),
    layout: Layout::Margin,
    nodes: &[
        ("class_definition", node(Role::Scope("name"))),
        ("function_definition", node(Role::Function)),
        ("lambda", CLOSURE),
        ("if_statement", branch(Construct::If, &["consequence"])),
        ("elif_clause", Node { role: Role::ElseIf, decides: false, deeper: &["consequence"] }),
        ("else_clause", node(Role::ElseClause)),
        ("for_statement", branch(Construct::Loop, &["body"])),
        ("while_statement", branch(Construct::Loop, &["body"])),
        ("list_comprehension", COMPREHENSION),
        ("set_comprehension", COMPREHENSION),
        ("dictionary_comprehension", COMPREHENSION),
        ("generator_expression", COMPREHENSION),
        ("for_in_clause", branch(Construct::Comprehension, &[])),
        ("if_clause", node(Role::ComprehensionIf)),
        ("match_statement", branch(Construct::Switch, &["body"])),
        ("conditional_expression", branch(Construct::Ternary, &[])),
        ("try_statement", branch(Construct::Try, &[])),
        ("except_clause", branch(Construct::Catch, &[])),
        ("boolean_operator", node(Role::Logical)),
        ("parenthesized_expression", node(Role::Parenthesized)),
        ("call", node(Role::Call)),
        ("string", node(Role::Literal)),
        ("interpolation", node(Role::Interpolation)),
        ("expression_statement", node(Role::ExpressionStatement)),
        ("comment", node(Role::Comment)),
        ("line_continuation", node(Role::Comment)),
    ],
    words: &[
        ("if", Word::Decision),
        ("elif", Word::Decision),
        ("for", Word::Decision),
        ("while", Word::Decision),
        ("except", Word::Decision),
        ("except*", Word::Decision),
        ("finally", Word::Decision),
        ("case", Word::Decision),
        ("else", Word::Else),
        ("and", AND),
        ("or", OR),
    ],
    parameters: &[
        "identifier",
        "typed_parameter",
        "default_parameter",
        "typed_default_parameter",
        "list_splat_pattern",
        "dictionary_splat_pattern",
        "tuple_pattern",
    ],
    calls_by_name: true,
    kinds: OnceLock::new(),
};

/// Rust.
pub static RUST: Table = Table {
    grammar: || tree_sitter_rust::LANGUAGE.into(),
    layout: Layout::Signs,
    nodes: &[
        ("impl_item", node(Role::Scope("type"))),
        ("trait_item", node(Role::Scope("name"))),
        ("mod_item", node(Role::Scope("name"))),
        ("function_item", node(Role::Function)),
        ("closure_expression", CLOSURE),
        ("if_expression", branch(Construct::If, &["consequence"])),
        ("else_clause", node(Role::ElseClause)),
        ("let_declaration", Node { role: Role::LetElse, decides: false, deeper: &["alternative"] }),
        ("for_expression", deciding(Construct::Loop, &["body"])),
        ("while_expression", branch(Construct::Loop, &["body"])),
        ("loop_expression", branch(Construct::Loop, &["body"])),
        ("match_expression", branch(Construct::Switch, &["body"])),
        ("match_arm", node(Role::Arm)),
        ("try_expression", Node { role: Role::Plain, decides: true, deeper: &[] }),
        ("break_expression", node(Role::Jump)),
        ("continue_expression", node(Role::Jump)),
        ("binary_expression", node(Role::Operation)),
        ("let_chain", node(Role::Logical)),
        ("parenthesized_expression", node(Role::Parenthesized)),
        ("call_expression", node(Role::Call)),
        ("string_literal", node(Role::Literal)),
        ("raw_string_literal", node(Role::Literal)),
        ("char_literal", node(Role::Literal)),
        ("boolean_literal", node(Role::Literal)),
        ("primitive_type", node(Role::Operator)),
        ("mutable_specifier", node(Role::Operator)),
        ("line_comment", node(Role::Comment)),
        ("block_comment", node(Role::Comment)),
        ("token_tree", node(Role::TokenTree)),
    ],
    words: &[("if", Word::Decision), ("while", Word::Decision), ("else", Word::Else), ("&&", AND), ("||", OR)],
    parameters: &["parameter", "self_parameter"],
    calls_by_name: true,
    kinds: OnceLock::new(),
};
