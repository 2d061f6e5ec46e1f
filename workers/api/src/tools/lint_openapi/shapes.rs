//! What each object of an OpenAPI or Swagger document may hold: the tables that `structure` walks a document by.
//!
//! From the OpenAPI Specification 2.0, 3.0.4, 3.1.1 and 3.2.0. A field may be marked with the editions that know it.

/// Editions as bits: 2.0, 3.0, 3.1, 3.2.
pub(super) const V2: u8 = 1;
pub(super) const V30: u8 = 2;
pub(super) const V31: u8 = 4;
pub(super) const V32: u8 = 8;
const ALL: u8 = V2 | V30 | V31 | V32;
const V3: u8 = V30 | V31 | V32;
const NEW: u8 = V31 | V32;
const OLD: u8 = V2 | V30;

/// What a value must be.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Any,
    Text,
    Bool,
    Number,
    /// A number above zero.
    Positive,
    /// A whole number from zero.
    Count,
    /// A text with a format.
    Format(&'static str),
    /// One of these texts.
    OneOf(&'static [&'static str]),
    Object(&'static Shape),
    /// An object, or a reference to one.
    ObjectOrRef(&'static Shape),
    List(&'static Kind),
    /// A list without repeats.
    Unique(&'static Kind),
    /// A list of one at least.
    Some(&'static Kind),
    Map(&'static Kind),
    /// A map of exactly one.
    Single(&'static Kind),
    BoolOr(&'static Kind),
    /// One or a list.
    OneOrList(&'static Kind),
    /// A JSON Schema; by edition.
    Schema,
}

/// A field of an object.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) required: bool,
    pub(super) editions: u8,
}

/// What other members than the named fields there may be.
pub(super) enum Rest {
    /// None but extensions.
    Extensions,
    /// Any.
    Open,
    /// Those whose names are of a kind.
    Named(Names, Kind),
}

/// Kinds of member names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    Any,
    Paths,
    Statuses,
}

/// A kind of object.
pub(super) struct Shape {
    pub(super) name: &'static str,
    pub(super) fields: &'static [Field],
    pub(super) rest: Rest,
}

const fn f(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: false, editions: ALL }
}
const fn r(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: true, editions: ALL }
}
const fn of(editions: u8, name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: false, editions }
}
const fn must(editions: u8, name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: true, editions }
}

use Kind::{
    Any, Bool, BoolOr, Count, Format, List, Map, Number, Object, ObjectOrRef, OneOf, Positive, Single, Text, Unique,
};

const URI: Kind = Format("uri-reference");
const TEXTS: Kind = List(&Text);

macro_rules! shapes {
    ($($id:ident = $name:literal, $rest:expr, [$($field:expr),* $(,)?];)*) => {
        $(pub(super) static $id: Shape = Shape { name: $name, fields: &[$($field),*], rest: $rest };)*
    };
}

#[rustfmt::skip]
shapes! {
    ROOT2 = "the document", Rest::Extensions, [
        r("swagger", Any), r("info", Object(&INFO)), f("host", Text), f("basePath", Text),
        f("schemes", Unique(&OneOf(&["http", "https", "ws", "wss"]))), f("consumes", TEXTS), f("produces", TEXTS), r("paths", Object(&PATHS)),
        f("definitions", Map(&Kind::Schema)), f("parameters", Map(&Object(&PARAMETER2))), f("responses", Map(&Object(&RESPONSE2))),
        f("security", List(&Object(&REQUIREMENT))), f("securityDefinitions", Map(&Object(&SCHEME2))), f("tags", Unique(&Object(&TAG))),
        f("externalDocs", Object(&DOCS)),
    ];
    ROOT3 = "the document", Rest::Extensions, [
        r("openapi", Any), r("info", Object(&INFO)), of(V32, "$self", URI), of(NEW, "jsonSchemaDialect", Format("uri")), f("externalDocs", Object(&DOCS)), f("servers", List(&Object(&SERVER))),
        f("security", List(&Object(&REQUIREMENT))), f("tags", Unique(&Object(&TAG))), must(V30, "paths", Object(&PATHS)), of(NEW, "paths", Object(&PATHS)),
        of(NEW, "webhooks", Map(&Object(&PATH_ITEM3))), f("components", Object(&COMPONENTS)),
    ];
    INFO = "info", Rest::Extensions, [
        r("title", Text), r("version", Text), f("description", Text), of(NEW, "summary", Text), of(V3, "termsOfService", URI), of(V2, "termsOfService", Text),
        f("contact", Object(&CONTACT)), f("license", Object(&LICENSE)),
    ];
    CONTACT = "contact", Rest::Extensions, [f("name", Text), of(V2, "url", Format("uri")), of(V3, "url", URI), f("email", Format("email"))];
    LICENSE = "license", Rest::Extensions, [r("name", Text), of(V2, "url", Format("uri")), of(V3, "url", URI), of(NEW, "identifier", Text)];
    DOCS = "externalDocs", Rest::Extensions, [f("description", Text), must(V2, "url", Format("uri")), must(V3, "url", URI)];
    SERVER = "server", Rest::Extensions, [r("url", Text), f("description", Text), of(V32, "name", Text), f("variables", Map(&Object(&SERVER_VARIABLE)))];
    SERVER_VARIABLE = "server variable", Rest::Extensions, [of(V30, "enum", TEXTS), of(NEW, "enum", Kind::Some(&Text)), r("default", Text), f("description", Text)];
    TAG = "tag", Rest::Extensions, [r("name", Text), f("description", Text), f("externalDocs", Object(&DOCS)), of(V32, "summary", Text), of(V32, "parent", Text), of(V32, "kind", Text)];
    REQUIREMENT = "security requirement", Rest::Named(Names::Any, TEXTS), [];
    PATHS = "paths", Rest::Named(Names::Paths, Object(&PATH_ITEM)), [];
    PATH_ITEM = "path item", Rest::Open, [];
    PATH_ITEM2 = "path item", Rest::Extensions, [
        f("$ref", Text), f("get", Object(&OPERATION2)), f("put", Object(&OPERATION2)), f("post", Object(&OPERATION2)), f("delete", Object(&OPERATION2)),
        f("options", Object(&OPERATION2)), f("head", Object(&OPERATION2)), f("patch", Object(&OPERATION2)), f("parameters", Unique(&ObjectOrRef(&PARAMETER2))),
    ];
    PATH_ITEM3 = "path item", Rest::Extensions, [
        f("$ref", Text), f("summary", Text), f("description", Text), f("get", Object(&OPERATION3)), f("put", Object(&OPERATION3)), f("post", Object(&OPERATION3)),
        f("delete", Object(&OPERATION3)), f("options", Object(&OPERATION3)), f("head", Object(&OPERATION3)), f("patch", Object(&OPERATION3)), f("trace", Object(&OPERATION3)),
        of(V32, "query", Object(&OPERATION3)), of(V32, "additionalOperations", Map(&Object(&OPERATION3))),
        f("servers", List(&Object(&SERVER))), f("parameters", Unique(&ObjectOrRef(&PARAMETER3))),
    ];
    OPERATION2 = "operation", Rest::Extensions, [
        f("tags", Unique(&Text)), f("summary", Text), f("description", Text), f("externalDocs", Object(&DOCS)), f("operationId", Text), f("consumes", TEXTS), f("produces", TEXTS),
        f("parameters", Unique(&ObjectOrRef(&PARAMETER2))), r("responses", Object(&RESPONSES2)), f("schemes", Unique(&OneOf(&["http", "https", "ws", "wss"]))), f("deprecated", Bool),
        f("security", List(&Object(&REQUIREMENT))),
    ];
    OPERATION3 = "operation", Rest::Extensions, [
        f("tags", TEXTS), f("summary", Text), f("description", Text), f("externalDocs", Object(&DOCS)), f("operationId", Text), f("parameters", Unique(&ObjectOrRef(&PARAMETER3))),
        f("requestBody", ObjectOrRef(&BODY)), must(V30, "responses", Object(&RESPONSES3)), of(NEW, "responses", Object(&RESPONSES3)), f("callbacks", Map(&ObjectOrRef(&CALLBACK))), f("deprecated", Bool),
        f("security", List(&Object(&REQUIREMENT))), f("servers", List(&Object(&SERVER))),
    ];
    RESPONSES2 = "responses", Rest::Named(Names::Statuses, ObjectOrRef(&RESPONSE2)), [f("default", ObjectOrRef(&RESPONSE2))];
    RESPONSES3 = "responses", Rest::Named(Names::Statuses, ObjectOrRef(&RESPONSE3)), [f("default", ObjectOrRef(&RESPONSE3))];
    RESPONSE2 = "response", Rest::Extensions, [r("description", Text), f("schema", Kind::Schema), f("headers", Map(&Object(&HEADER2))), f("examples", Map(&Any))];
    RESPONSE3 = "response", Rest::Extensions, [
        must(V30 | V31, "description", Text), of(V32, "description", Text), of(V32, "summary", Text), f("headers", Map(&ObjectOrRef(&HEADER3))), f("content", Map(&Object(&MEDIA))), f("links", Map(&ObjectOrRef(&LINK))),
    ];
    HEADER2 = "header", Rest::Extensions, [
        r("type", OneOf(&["string", "number", "integer", "boolean", "array"])), f("description", Text), f("format", Text), f("items", Object(&ITEMS2)), f("collectionFormat", OneOf(&["csv", "ssv", "tsv", "pipes"])), f("default", Any),
        f("maximum", Number), f("exclusiveMaximum", Bool), f("minimum", Number), f("exclusiveMinimum", Bool), f("maxLength", Count), f("minLength", Count), f("pattern", Format("regex")), f("maxItems", Count), f("minItems", Count),
        f("uniqueItems", Bool), f("enum", Kind::Some(&Any)), f("multipleOf", Positive),
    ];
    ITEMS2 = "items", Rest::Extensions, [
        f("type", OneOf(&["string", "number", "integer", "boolean", "array"])), f("format", Text), f("items", Object(&ITEMS2)), f("collectionFormat", OneOf(&["csv", "ssv", "tsv", "pipes"])), f("default", Any), f("maximum", Number),
        f("exclusiveMaximum", Bool), f("minimum", Number), f("exclusiveMinimum", Bool), f("maxLength", Count), f("minLength", Count), f("pattern", Format("regex")), f("maxItems", Count), f("minItems", Count),
        f("uniqueItems", Bool), f("enum", Kind::Some(&Any)), f("multipleOf", Positive),
    ];
    PARAMETER2 = "parameter", Rest::Extensions, [
        r("name", Text), r("in", OneOf(&["query", "header", "path", "formData", "body"])), f("description", Text), f("required", Bool), f("schema", Kind::Schema), f("type", OneOf(&["string", "number", "boolean", "integer", "array", "file"])),
        f("format", Text), f("allowEmptyValue", Bool), f("items", Object(&ITEMS2)), f("collectionFormat", OneOf(&["csv", "ssv", "tsv", "pipes", "multi"])), f("default", Any), f("maximum", Number), f("exclusiveMaximum", Bool),
        f("minimum", Number), f("exclusiveMinimum", Bool), f("maxLength", Count), f("minLength", Count), f("pattern", Format("regex")), f("maxItems", Count), f("minItems", Count), f("uniqueItems", Bool), f("enum", Kind::Some(&Any)), f("multipleOf", Positive),
    ];
    PARAMETER3 = "parameter", Rest::Extensions, [
        r("name", Text), f("in", Any), f("description", Text), f("required", Bool), f("deprecated", Bool), f("allowEmptyValue", Bool), f("style", Text), f("explode", Bool), f("allowReserved", Bool),
        f("schema", Kind::Schema), f("content", Single(&Object(&MEDIA))), f("example", Any), f("examples", Map(&ObjectOrRef(&EXAMPLE))),
    ];
    HEADER3 = "header", Rest::Extensions, [
        f("description", Text), f("required", Bool), f("deprecated", Bool), of(V30, "allowEmptyValue", Bool), f("style", OneOf(&["simple"])), f("explode", Bool), of(V30, "allowReserved", Bool),
        f("schema", Kind::Schema), f("content", Single(&Object(&MEDIA))), f("example", Any), f("examples", Map(&ObjectOrRef(&EXAMPLE))),
    ];
    BODY = "request body", Rest::Extensions, [f("description", Text), r("content", Map(&Object(&MEDIA))), f("required", Bool)];
    MEDIA = "media type", Rest::Extensions, [
        f("schema", Kind::Schema), f("example", Any), f("examples", Map(&ObjectOrRef(&EXAMPLE))), f("encoding", Map(&Object(&ENCODING))),
        of(V32, "itemSchema", Kind::Schema), of(V32, "prefixEncoding", List(&Object(&ENCODING))), of(V32, "itemEncoding", Object(&ENCODING)),
    ];
    ENCODING = "encoding", Rest::Extensions, [
        f("contentType", Text), f("headers", Map(&ObjectOrRef(&HEADER3))), f("style", OneOf(&["form", "spaceDelimited", "pipeDelimited", "deepObject"])), f("explode", Bool), f("allowReserved", Bool),
        of(V32, "encoding", Map(&Object(&ENCODING))), of(V32, "prefixEncoding", List(&Object(&ENCODING))), of(V32, "itemEncoding", Object(&ENCODING)),
    ];
    EXAMPLE = "example", Rest::Extensions, [f("summary", Text), f("description", Text), f("value", Any), f("externalValue", URI), of(V32, "dataValue", Any), of(V32, "serializedValue", Text)];
    LINK = "link", Rest::Extensions, [f("operationId", Text), f("operationRef", URI), f("parameters", Map(&Any)), f("requestBody", Any), f("description", Text), f("server", Object(&SERVER))];
    CALLBACK = "callback", Rest::Named(Names::Any, Object(&PATH_ITEM3)), [];
    COMPONENTS = "components", Rest::Extensions, [
        f("schemas", Map(&Kind::Schema)), f("responses", Map(&ObjectOrRef(&RESPONSE3))), f("parameters", Map(&ObjectOrRef(&PARAMETER3))), f("examples", Map(&ObjectOrRef(&EXAMPLE))),
        f("requestBodies", Map(&ObjectOrRef(&BODY))), f("headers", Map(&ObjectOrRef(&HEADER3))), f("securitySchemes", Map(&ObjectOrRef(&SCHEME3))), f("links", Map(&ObjectOrRef(&LINK))), f("callbacks", Map(&ObjectOrRef(&CALLBACK))),
        of(NEW, "pathItems", Map(&Object(&PATH_ITEM3))), of(V32, "mediaTypes", Map(&ObjectOrRef(&MEDIA))),
    ];
    SCHEME2 = "security scheme", Rest::Extensions, [
        r("type", OneOf(&["basic", "apiKey", "oauth2"])), f("description", Text), f("name", Text), f("in", OneOf(&["query", "header"])), f("flow", OneOf(&["implicit", "password", "application", "accessCode"])),
        f("authorizationUrl", Format("uri")), f("tokenUrl", Format("uri")), f("scopes", Map(&Text)),
    ];
    SCHEME3 = "security scheme", Rest::Open, [
        of(V30, "type", OneOf(&["apiKey", "http", "oauth2", "openIdConnect"])), of(NEW, "type", OneOf(&["apiKey", "http", "mutualTLS", "oauth2", "openIdConnect"])),
        f("description", Text), f("name", Text), f("in", OneOf(&["query", "header", "cookie"])), f("scheme", Text), f("bearerFormat", Text), f("flows", Object(&FLOWS)), f("openIdConnectUrl", URI),
        of(V32, "oauth2MetadataUrl", URI), of(V32, "deprecated", Bool),
    ];
    FLOWS = "flows", Rest::Extensions, [
        f("implicit", Object(&IMPLICIT)), f("password", Object(&TOKEN)), f("clientCredentials", Object(&TOKEN)), f("authorizationCode", Object(&CODE)), of(V32, "deviceAuthorization", Object(&DEVICE)),
    ];
    IMPLICIT = "flow", Rest::Extensions, [r("authorizationUrl", URI), f("refreshUrl", URI), r("scopes", Map(&Text))];
    TOKEN = "flow", Rest::Extensions, [r("tokenUrl", URI), f("refreshUrl", URI), r("scopes", Map(&Text))];
    CODE = "flow", Rest::Extensions, [r("authorizationUrl", URI), r("tokenUrl", URI), f("refreshUrl", URI), r("scopes", Map(&Text))];
    DEVICE = "flow", Rest::Extensions, [r("deviceAuthorizationUrl", URI), r("tokenUrl", URI), f("refreshUrl", URI), r("scopes", Map(&Text))];
    SCHEMA2 = "schema", Rest::Extensions, [
        f("$ref", Text), f("format", Text), f("title", Text), f("description", Text), f("default", Any), f("multipleOf", Positive), f("maximum", Number), f("exclusiveMaximum", Bool), f("minimum", Number), f("exclusiveMinimum", Bool),
        f("maxLength", Count), f("minLength", Count), f("pattern", Format("regex")), f("maxItems", Count), f("minItems", Count), f("uniqueItems", Bool), f("maxProperties", Count), f("minProperties", Count), f("required", Kind::Some(&Text)), f("enum", Kind::Some(&Any)),
        f("additionalProperties", BoolOr(&Kind::Schema)), f("type", Kind::OneOrList(&OneOf(&["array", "boolean", "integer", "null", "number", "object", "string", "file"]))), f("items", Kind::OneOrList(&Kind::Schema)), f("allOf", Kind::Some(&Kind::Schema)),
        f("properties", Map(&Kind::Schema)), f("discriminator", Text), f("readOnly", Bool), f("xml", Object(&XML2)), f("externalDocs", Object(&DOCS)), f("example", Any),
    ];
    XML2 = "xml", Rest::Extensions, [f("name", Text), f("namespace", Text), f("prefix", Text), f("attribute", Bool), f("wrapped", Bool)];
    XML3 = "xml", Rest::Extensions, [f("name", Text), f("namespace", Format("uri")), f("prefix", Text), f("attribute", Bool), f("wrapped", Bool), of(V32, "nodeType", Text)];
    SCHEMA30 = "schema", Rest::Extensions, [
        f("title", Text), f("multipleOf", Positive), f("maximum", Number), f("exclusiveMaximum", Bool), f("minimum", Number), f("exclusiveMinimum", Bool), f("maxLength", Count), f("minLength", Count), f("pattern", Format("regex")),
        f("maxItems", Count), f("minItems", Count), f("uniqueItems", Bool), f("maxProperties", Count), f("minProperties", Count), f("required", Kind::Some(&Text)), f("enum", Kind::Some(&Any)),
        f("type", OneOf(&["array", "boolean", "integer", "number", "object", "string"])), f("not", Kind::Schema), f("allOf", List(&Kind::Schema)), f("oneOf", List(&Kind::Schema)), f("anyOf", List(&Kind::Schema)), f("items", Kind::Schema),
        f("properties", Map(&Kind::Schema)), f("additionalProperties", BoolOr(&Kind::Schema)), f("description", Text), f("format", Text), f("default", Any), f("nullable", Bool), f("discriminator", Object(&DISCRIMINATOR)), f("readOnly", Bool),
        f("writeOnly", Bool), f("example", Any), f("externalDocs", Object(&DOCS)), f("deprecated", Bool), f("xml", Object(&XML3)),
    ];
    SCHEMA31 = "schema", Rest::Open, [
        f("$id", URI), f("$schema", Format("uri")), f("$ref", URI), f("$dynamicRef", URI), f("$comment", Text), f("title", Text), f("description", Text), f("multipleOf", Positive), f("maximum", Number), f("exclusiveMaximum", Number),
        f("minimum", Number), f("exclusiveMinimum", Number), f("maxLength", Count), f("minLength", Count), f("pattern", Format("regex")), f("maxItems", Count), f("minItems", Count), f("uniqueItems", Bool), f("maxContains", Count), f("minContains", Count),
        f("maxProperties", Count), f("minProperties", Count), f("required", Unique(&Text)), f("enum", List(&Any)), f("type", Kind::OneOrList(&OneOf(&["array", "boolean", "integer", "null", "number", "object", "string"]))),
        f("allOf", Kind::Some(&Kind::Schema)), f("anyOf", Kind::Some(&Kind::Schema)), f("oneOf", Kind::Some(&Kind::Schema)), f("not", Kind::Schema), f("if", Kind::Schema), f("then", Kind::Schema), f("else", Kind::Schema),
        f("prefixItems", Kind::Some(&Kind::Schema)), f("items", Kind::Schema), f("contains", Kind::Schema), f("additionalProperties", Kind::Schema), f("properties", Map(&Kind::Schema)), f("patternProperties", Map(&Kind::Schema)),
        f("dependentSchemas", Map(&Kind::Schema)), f("propertyNames", Kind::Schema), f("unevaluatedItems", Kind::Schema), f("unevaluatedProperties", Kind::Schema), f("$defs", Map(&Kind::Schema)), f("format", Text), f("readOnly", Bool), f("writeOnly", Bool),
        f("deprecated", Bool), f("examples", List(&Any)), f("discriminator", Object(&DISCRIMINATOR)), f("xml", Object(&XML3)), f("externalDocs", Object(&DOCS)),
    ];
    DISCRIMINATOR = "discriminator", Rest::Open, [r("propertyName", Text), f("mapping", Map(&Text)), of(V32, "defaultMapping", Text)];
}

/// The shape of a schema.
pub(super) fn schema(edition: u8) -> &'static Shape {
    match edition {
        V2 => &SCHEMA2,
        V30 => &SCHEMA30,
        _ => &SCHEMA31,
    }
}

/// The shape of a path item.
pub(super) fn path_item(edition: u8) -> &'static Shape {
    if edition == V2 { &PATH_ITEM2 } else { &PATH_ITEM3 }
}

/// Whether an edition writes nullable schemas as draft 4 does.
pub(super) const fn is_old(edition: u8) -> bool {
    edition & OLD != 0
}
