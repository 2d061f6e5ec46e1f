//! The rules: Spectral's ids for what its OpenAPI ruleset knows, Redocly's for ambiguous paths, own ones beyond.
//!
//! The sources on the pages leave out the head of the document (`openapi` and `info`) where the rule is not about it.

use octavo_toolkit::{Level, Rule, rule_docs};

#[cfg(not(target_arch = "wasm32"))]
const SPECTRAL: &str = "Spectral, OpenAPI rules (https://docs.stoplight.io/docs/spectral)";
#[cfg(not(target_arch = "wasm32"))]
const SPEC: &str = "OpenAPI Specification";
#[cfg(not(target_arch = "wasm32"))]
const REDOCLY: &str = "Redocly CLI, built-in rules";
#[cfg(not(target_arch = "wasm32"))]
const OWN: &str = "rule of this tool";

macro_rules! rules {
    ($($name:ident = $id:literal, $level:ident, $summary:literal, $why:literal, $wrong:literal => $right:literal, $source:ident;)*) => {
        $(pub(super) static $name: Rule = Rule {
            id: $id,
            level: Level::$level,
            summary: $summary,
            docs: rule_docs!(why: $why, wrong: $wrong, right: $right, source: $source),
        };)*
        /// All rules.
        pub(super) const RULES: &[Rule] = &[$(Rule {
            id: $id,
            level: Level::$level,
            summary: $summary,
            docs: rule_docs!(why: $why, wrong: $wrong, right: $right, source: $source),
        }),*];
    };
}

/// Rules that are looked at only when asked for, as in Spectral.
pub(super) const OPTIONAL: &[&str] = &[
    "contact-properties",
    "info-license",
    "license-url",
    "openapi-tags",
    "openapi-tags-alphabetical",
    "operation-singular-tag",
    "tag-description",
    "oas2-host-not-example",
    "oas2-parameter-description",
    "oas3-parameter-description",
    "oas3-server-not-example.com",
    "naming-convention",
];

#[rustfmt::skip]
rules! {
    PARSER = "parser", Error, "The text can be read.", "What cannot be read cannot be checked.",
        "openapi: [3.0.0" => "openapi: 3.0.0", SPECTRAL;
    NESTING = "nesting-too-deep", Error, "The text nests at most 200 levels and stands for little more than it holds.", "Readers of any kind refuse such texts; no API needs one.",
        "openapi: 3.0.3\nx-a: &a [1,1,1,1,1,1,1,1,1,1]\nx-b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nx-c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nx-d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\nx-e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nx-f: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\nx-g: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f,*f]\n"
        => "openapi: 3.0.3\nx-a: &a [1,1]\nx-b: [*a,*a]\n", OWN;
    DUPLICATE_KEY = "key-duplicates", Error, "No mapping names a key twice.", "Readers disagree on which of the two counts.",
        "paths:\n  /a: {}\n  /a: {}\n" => "paths:\n  /a: {}\n", SPEC;
    UNRECOGNIZED = "unrecognized-format", Error, "The document says that it is OpenAPI 3.x or Swagger 2.0.", "Without a version there are no rules to hold it to.",
        "title: Pets" => "paths: {}", SPECTRAL;
    INVALID_REF = "invalid-ref", Error, "Every local reference leads somewhere.", "Generators and servers stop at a reference that leads nowhere.",
        "paths:\n  /a:\n    $ref: '#/components/pathItems/b'\n" => "paths:\n  /a: {}\n", SPECTRAL;
    EXTERNAL_REF = "external-ref", Info, "The document needs no other file.", "What another file holds is not looked at here; bundle the document to have it checked.",
        "paths:\n  /a:\n    $ref: a.yaml\n" => "paths:\n  /a: {}\n", OWN;
    CIRCULAR_REF = "circular-ref", Error, "References end: none leads back to itself without anything between, and no value must hold itself.", "No value can meet a schema that requires itself inside itself without end.",
        "paths: {}\ncomponents:\n  schemas:\n    A:\n      type: object\n      required: [a]\n      properties:\n        a: {$ref: '#/components/schemas/A'}\n" => "paths: {}\ncomponents:\n  schemas:\n    A:\n      type: object\n      properties:\n        a: {$ref: '#/components/schemas/A'}\n", OWN;
    OAS3_SCHEMA = "oas3-schema", Error, "The document has the structure that OpenAPI 3 gives it.", "Tools ignore or refuse what stands where the specification has no place for it.",
        "paths:\n  /a:\n    get:\n      sumary: x\n      responses: {'200': {description: ok}}\n" => "paths:\n  /a:\n    get:\n      summary: x\n      responses: {'200': {description: ok}}\n", SPECTRAL;
    OAS2_SCHEMA = "oas2-schema", Error, "The document has the structure that Swagger 2.0 gives it.", "Tools ignore or refuse what stands where the specification has no place for it.",
        "swagger: '2.0'\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    get:\n      sumary: x\n      responses: {'200': {description: ok}}\n" => "swagger: '2.0'\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    get:\n      summary: x\n      responses: {'200': {description: ok}}\n", SPECTRAL;
    SUCCESS_RESPONSE = "operation-success-response", Warning, "An operation has a 2xx or 3xx response.", "Clients must know what success looks like.",
        "paths:\n  /a:\n    get:\n      responses: {'500': {description: no}}\n" => "paths:\n  /a:\n    get:\n      responses: {'200': {description: ok}}\n", SPECTRAL;
    FORM_DATA_CONSUMES = "oas2-operation-formData-consume-check", Warning, "An operation with form parameters consumes a form media type.", "A form cannot be sent as another media type.",
        "swagger: '2.0'\npaths:\n  /a:\n    post:\n      consumes: [application/json]\n      parameters: [{in: formData, name: f, type: string}]\n      responses: {}\n" => "swagger: '2.0'\npaths:\n  /a:\n    post:\n      consumes: [multipart/form-data]\n      parameters: [{in: formData, name: f, type: string}]\n      responses: {}\n", SPECTRAL;
    OPERATION_ID_UNIQUE = "operation-operationId-unique", Error, "No two operations have the same operationId.", "Generated clients name methods by it, and links find operations by it.",
        "paths:\n  /a:\n    get: {operationId: x, responses: {}}\n    put: {operationId: x, responses: {}}\n" => "paths:\n  /a:\n    get: {operationId: x, responses: {}}\n    put: {operationId: y, responses: {}}\n", SPECTRAL;
    OPERATION_PARAMETERS = "operation-parameters", Warning, "No two parameters of an operation have the same name and place, and there is one body.", "Which of them counts is anybody's guess.",
        "paths:\n  /a:\n    get:\n      parameters:\n        - {in: query, name: q, schema: {}}\n        - {in: query, name: q, schema: {}}\n      responses: {}\n" => "paths:\n  /a:\n    get:\n      parameters:\n        - {in: query, name: q, schema: {}}\n        - {in: header, name: q, schema: {}}\n      responses: {}\n", SPECTRAL;
    TAG_DEFINED = "operation-tag-defined", Warning, "The tags of operations are declared at the top.", "Declared tags have an order and a description; a typo makes a group of its own.",
        "paths:\n  /a:\n    get: {tags: [pets], responses: {}}\n" => "tags: [{name: pets}]\npaths:\n  /a:\n    get: {tags: [pets], responses: {}}\n", SPECTRAL;
    PATH_PARAMS = "path-params", Error, "The parameters of a path and those its operations declare are the same, required, and no two paths are alike.", "A router cannot fill a parameter nobody declares, nor tell two equal templates apart.",
        "paths:\n  /a/{id}:\n    get: {responses: {}}\n" => "paths:\n  /a/{id}:\n    get:\n      parameters: [{in: path, name: id, required: true, schema: {}}]\n      responses: {}\n", SPECTRAL;
    AMBIGUOUS_PATHS = "no-ambiguous-paths", Warning, "No request fits two paths equally well.", "Routers differ in which of two such paths they take.",
        "paths:\n  /a/{x}/c: {}\n  /a/b/{y}: {}\n" => "paths:\n  /a/{x}/c: {}\n  /a/b/d: {}\n", REDOCLY;
    CONTACT_PROPERTIES = "contact-properties", Warning, "The contact has a name, a URL and an e-mail address.", "Callers in trouble need a way to reach somebody.",
        "openapi: 3.0.3\ninfo: {title: t, version: '1', contact: {name: n}}\npaths: {}\n" => "openapi: 3.0.3\ninfo: {title: t, version: '1', contact: {name: n, url: 'https://a.bc', email: a@b.cd}}\npaths: {}\n", SPECTRAL;
    DUPLICATED_ENUM = "duplicated-entry-in-enum", Warning, "An enumeration lists no value twice.", "The second says nothing, and often another value was meant.",
        "components:\n  schemas:\n    A: {type: string, enum: [a, a]}\n" => "components:\n  schemas:\n    A: {type: string, enum: [a, b]}\n", SPECTRAL;
    INFO_CONTACT = "info-contact", Warning, "`info` has a contact.", "Callers in trouble need a way to reach somebody.",
        "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {}\n" => "openapi: 3.0.3\ninfo: {title: t, version: '1', contact: {name: n}}\npaths: {}\n", SPECTRAL;
    INFO_DESCRIPTION = "info-description", Warning, "`info` has a description.", "It is the first thing a reader looks for.",
        "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {}\n" => "openapi: 3.0.3\ninfo: {title: t, version: '1', description: d}\npaths: {}\n", SPECTRAL;
    INFO_LICENSE = "info-license", Warning, "`info` has a licence.", "Callers must know on which terms they may use the API.",
        "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {}\n" => "openapi: 3.0.3\ninfo: {title: t, version: '1', license: {name: MIT}}\npaths: {}\n", SPECTRAL;
    LICENSE_URL = "license-url", Warning, "The licence has a URL.", "A name alone does not say which text is meant.",
        "openapi: 3.0.3\ninfo: {title: t, version: '1', license: {name: MIT}}\npaths: {}\n" => "openapi: 3.0.3\ninfo: {title: t, version: '1', license: {name: MIT, url: 'https://a.bc'}}\npaths: {}\n", SPECTRAL;
    NO_EVAL = "no-eval-in-markdown", Warning, "No description or title holds `eval(`.", "Descriptions are rendered in browsers.",
        "components:\n  schemas:\n    A: {description: 'eval(x)'}\n" => "components:\n  schemas:\n    A: {description: evaluates x}\n", SPECTRAL;
    NO_SCRIPT = "no-script-tags-in-markdown", Warning, "No description or title holds a script element.", "Descriptions are rendered in browsers.",
        "components:\n  schemas:\n    A: {description: '<script>x</script>'}\n" => "components:\n  schemas:\n    A: {description: a script}\n", SPECTRAL;
    TAGS_ALPHABETICAL = "openapi-tags-alphabetical", Warning, "The declared tags are in alphabetical order.", "Readers find a group by its name.",
        "tags: [{name: b}, {name: a}]\npaths: {}\n" => "tags: [{name: a}, {name: b}]\npaths: {}\n", SPECTRAL;
    TAGS_UNIQUE = "openapi-tags-uniqueness", Error, "No tag is declared twice.", "Which description counts is anybody's guess.",
        "tags: [{name: a}, {name: a}]\npaths: {}\n" => "tags: [{name: a}]\npaths: {}\n", SPECTRAL;
    TAGS_PRESENT = "openapi-tags", Warning, "The document declares tags.", "Without them documentation is one long list.",
        "paths: {}\n" => "tags: [{name: a}]\npaths: {}\n", SPECTRAL;
    OPERATION_DESCRIPTION = "operation-description", Warning, "An operation has a description.", "Its name alone rarely says what it does and when to use it.",
        "paths:\n  /a:\n    get: {responses: {}}\n" => "paths:\n  /a:\n    get: {description: Lists a., responses: {}}\n", SPECTRAL;
    OPERATION_ID = "operation-operationId", Warning, "An operation has an operationId.", "Generated clients name methods by it.",
        "paths:\n  /a:\n    get: {responses: {}}\n" => "paths:\n  /a:\n    get: {operationId: listA, responses: {}}\n", SPECTRAL;
    OPERATION_ID_URL = "operation-operationId-valid-in-url", Warning, "An operationId has only characters that a URL may hold.", "Documentation links to operations by it.",
        "paths:\n  /a:\n    get: {operationId: 'list a', responses: {}}\n" => "paths:\n  /a:\n    get: {operationId: list-a, responses: {}}\n", SPECTRAL;
    SINGULAR_TAG = "operation-singular-tag", Warning, "An operation has one tag at most.", "With several it appears in several groups.",
        "paths:\n  /a:\n    get: {tags: [a, b], responses: {}}\n" => "paths:\n  /a:\n    get: {tags: [a], responses: {}}\n", SPECTRAL;
    OPERATION_TAGS = "operation-tags", Warning, "An operation has a tag.", "Without one it falls out of every group.",
        "paths:\n  /a:\n    get: {responses: {}}\n" => "paths:\n  /a:\n    get: {tags: [a], responses: {}}\n", SPECTRAL;
    PATH_DECLARATIONS = "path-declarations-must-exist", Warning, "No path has an empty parameter.", "A parameter without a name cannot be filled.",
        "paths:\n  /a/{}: {}\n" => "paths:\n  /a: {}\n", SPECTRAL;
    PATH_TRAILING_SLASH = "path-keys-no-trailing-slash", Warning, "No path ends with a slash.", "Servers and proxies differ in whether `/a` and `/a/` are one.",
        "paths:\n  /a/: {}\n" => "paths:\n  /a: {}\n", SPECTRAL;
    PATH_QUERY = "path-not-include-query", Warning, "No path has a query.", "Queries are parameters with `in: query`.",
        "paths:\n  /a?b=c: {}\n" => "paths:\n  /a: {}\n", SPECTRAL;
    TAG_DESCRIPTION = "tag-description", Warning, "A declared tag has a description.", "It is the heading of its group.",
        "tags: [{name: a}]\npaths: {}\n" => "tags: [{name: a, description: d}]\npaths: {}\n", SPECTRAL;
    REF_SIBLINGS = "no-$ref-siblings", Error, "Nothing stands beside a reference before OpenAPI 3.1.", "What stands beside it is ignored.",
        "components:\n  schemas:\n    A: {$ref: '#/components/schemas/B', description: d}\n    B: {}\n" => "components:\n  schemas:\n    A: {$ref: '#/components/schemas/B'}\n    B: {}\n", SPECTRAL;
    ARRAY_ITEMS = "array-items", Error, "A schema of an array says what its items are.", "Without `items` nothing is known of them, and some generators stop.",
        "components:\n  schemas:\n    A: {type: array}\n" => "components:\n  schemas:\n    A: {type: array, items: {type: string}}\n", SPECTRAL;
    TYPED_ENUM = "typed-enum", Warning, "The values of an enumeration are of the type beside it.", "A value of another type can never be valid.",
        "components:\n  schemas:\n    A: {type: integer, enum: [1, two]}\n" => "components:\n  schemas:\n    A: {type: integer, enum: [1, 2]}\n", SPECTRAL;
    API_HOST = "oas2-api-host", Warning, "A Swagger document names its host.", "Without it callers must guess where the API is.",
        "swagger: '2.0'\npaths: {}\n" => "swagger: '2.0'\nhost: a.bc\npaths: {}\n", SPECTRAL;
    API_SCHEMES = "oas2-api-schemes", Warning, "A Swagger document names its schemes.", "Without them callers must guess whether it is https.",
        "swagger: '2.0'\npaths: {}\n" => "swagger: '2.0'\nschemes: [https]\npaths: {}\n", SPECTRAL;
    DISCRIMINATOR = "oas2-discriminator", Error, "The discriminator is a required property of its schema.", "A value without it cannot be told apart.",
        "swagger: '2.0'\npaths: {}\ndefinitions:\n  A: {discriminator: kind}\n" => "swagger: '2.0'\npaths: {}\ndefinitions:\n  A: {discriminator: kind, required: [kind], properties: {kind: {type: string}}}\n", SPECTRAL;
    HOST_NOT_EXAMPLE = "oas2-host-not-example", Warning, "The host is not example.com.", "It is a placeholder that was left in.",
        "swagger: '2.0'\nhost: example.com\npaths: {}\n" => "swagger: '2.0'\nhost: a.bc\npaths: {}\n", SPECTRAL;
    HOST_SLASH = "oas2-host-trailing-slash", Warning, "The host has no slash at its end.", "Joined with a path it gives two.",
        "swagger: '2.0'\nhost: a.bc/\npaths: {}\n" => "swagger: '2.0'\nhost: a.bc\npaths: {}\n", SPECTRAL;
    PARAMETER_DESCRIPTION2 = "oas2-parameter-description", Warning, "A parameter has a description.", "Its name alone rarely says what it does.",
        "swagger: '2.0'\npaths: {}\nparameters:\n  a: {in: query, name: a, type: string}\n" => "swagger: '2.0'\npaths: {}\nparameters:\n  a: {in: query, name: a, type: string, description: d}\n", SPECTRAL;
    SECURITY_DEFINED2 = "oas2-operation-security-defined", Warning, "Security requirements name schemes and scopes that are defined.", "Nobody can meet a requirement that is not defined.",
        "swagger: '2.0'\nsecurity: [{key: []}]\npaths: {}\n" => "swagger: '2.0'\nsecurity: [{key: []}]\nsecurityDefinitions: {key: {type: basic}}\npaths: {}\n", SPECTRAL;
    SCHEMA_EXAMPLE2 = "oas2-valid-schema-example", Error, "Examples and defaults of schemas are valid.", "Readers copy examples, and servers fill in defaults.",
        "swagger: '2.0'\npaths: {}\ndefinitions:\n  A: {type: integer, example: one}\n" => "swagger: '2.0'\npaths: {}\ndefinitions:\n  A: {type: integer, example: 1}\n", SPECTRAL;
    MEDIA_EXAMPLE2 = "oas2-valid-media-example", Error, "Examples of responses are valid.", "Readers copy examples.",
        "swagger: '2.0'\npaths: {}\nresponses:\n  a: {description: d, schema: {type: integer}, examples: {application/json: one}}\n" => "swagger: '2.0'\npaths: {}\nresponses:\n  a: {description: d, schema: {type: integer}, examples: {application/json: 1}}\n", SPECTRAL;
    ANY_OF2 = "oas2-anyOf", Warning, "Swagger 2 has no `anyOf`.", "It came with OpenAPI 3; before, it is ignored.",
        "swagger: '2.0'\npaths: {}\ndefinitions:\n  A: {anyOf: []}\n" => "swagger: '2.0'\npaths: {}\ndefinitions:\n  A: {allOf: [{}]}\n", SPECTRAL;
    ONE_OF2 = "oas2-oneOf", Warning, "Swagger 2 has no `oneOf`.", "It came with OpenAPI 3; before, it is ignored.",
        "swagger: '2.0'\npaths: {}\ndefinitions:\n  A: {oneOf: []}\n" => "swagger: '2.0'\npaths: {}\ndefinitions:\n  A: {allOf: [{}]}\n", SPECTRAL;
    UNUSED2 = "oas2-unused-definition", Warning, "Every definition is used.", "What nothing refers to is often left over from something gone.",
        "swagger: '2.0'\npaths: {}\ndefinitions:\n  A: {type: string}\n" => "swagger: '2.0'\npaths: {}\nresponses: {r: {description: d, schema: {$ref: '#/definitions/A'}}}\ndefinitions:\n  A: {type: string}\n", SPECTRAL;
    API_SERVERS = "oas3-api-servers", Warning, "The document names its servers.", "Without them callers must guess where the API is.",
        "paths: {}\n" => "servers: [{url: 'https://a.bc'}]\npaths: {}\n", SPECTRAL;
    EXAMPLES_VALUE = "oas3-examples-value-or-externalValue", Warning, "An example has either a value or the address of one.", "With neither it shows nothing, with both it shows two things.",
        "components:\n  examples:\n    a: {summary: s}\n" => "components:\n  examples:\n    a: {value: 1}\n", SPECTRAL;
    SECURITY_DEFINED3 = "oas3-operation-security-defined", Warning, "Security requirements name schemes and scopes that are defined.", "Nobody can meet a requirement that is not defined.",
        "security: [{key: []}]\npaths: {}\n" => "security: [{key: []}]\npaths: {}\ncomponents:\n  securitySchemes: {key: {type: http, scheme: bearer}}\n", SPECTRAL;
    PARAMETER_DESCRIPTION3 = "oas3-parameter-description", Warning, "A parameter has a description.", "Its name alone rarely says what it does.",
        "components:\n  parameters:\n    a: {in: query, name: a, schema: {}}\n" => "components:\n  parameters:\n    a: {in: query, name: a, schema: {}, description: d}\n", SPECTRAL;
    SERVER_NOT_EXAMPLE = "oas3-server-not-example.com", Warning, "No server is example.com.", "It is a placeholder that was left in.",
        "servers: [{url: 'https://example.com'}]\npaths: {}\n" => "servers: [{url: 'https://a.bc'}]\npaths: {}\n", SPECTRAL;
    SERVER_SLASH = "oas3-server-trailing-slash", Warning, "No server's URL ends with a slash.", "Joined with a path it gives two.",
        "servers: [{url: 'https://a.bc/'}]\npaths: {}\n" => "servers: [{url: 'https://a.bc'}]\npaths: {}\n", SPECTRAL;
    MEDIA_EXAMPLE3 = "oas3-valid-media-example", Error, "Examples of parameters, headers and bodies are valid.", "Readers copy examples, and mock servers send them.",
        "components:\n  parameters:\n    a: {in: query, name: a, schema: {type: integer}, example: one}\n" => "components:\n  parameters:\n    a: {in: query, name: a, schema: {type: integer}, example: 1}\n", SPECTRAL;
    SCHEMA_EXAMPLE3 = "oas3-valid-schema-example", Error, "Examples and defaults of schemas are valid.", "Readers copy examples, and servers fill in defaults.",
        "components:\n  schemas:\n    A: {type: integer, default: one}\n" => "components:\n  schemas:\n    A: {type: integer, default: 1}\n", SPECTRAL;
    UNUSED3 = "oas3-unused-component", Warning, "Every component is used.", "What nothing refers to is often left over from something gone.",
        "paths: {}\ncomponents:\n  schemas:\n    A: {type: string}\n" => "paths: {}\ncomponents:\n  schemas:\n    A: {items: {$ref: '#/components/schemas/A'}}\n", SPECTRAL;
    SERVER_VARIABLES = "oas3-server-variables", Error, "The variables in a server's URL are those it declares, each with a default.", "A variable without a value makes no address.",
        "servers: [{url: 'https://{host}'}]\npaths: {}\n" => "servers: [{url: 'https://{host}', variables: {host: {default: a.bc}}}]\npaths: {}\n", SPECTRAL;
    CALLBACKS_IN_CALLBACKS = "oas3-callbacks-in-callbacks", Warning, "No callback has callbacks.", "A server that is called back cannot promise calls of its own.",
        "paths:\n  /a:\n    post:\n      responses: {}\n      callbacks: {c: {'{$url}': {post: {responses: {}, callbacks: {}}}}}\n" => "paths:\n  /a:\n    post:\n      responses: {}\n      callbacks: {c: {'{$url}': {post: {responses: {}}}}}\n", SPECTRAL;
    SERVERS_IN_WEBHOOK = "oas3_1-servers-in-webhook", Warning, "No webhook has servers.", "Where a webhook is sent is up to who receives it.",
        "openapi: 3.1.0\ninfo: {title: t, version: '1'}\nwebhooks: {w: {post: {servers: [{url: /a}]}}}\n" => "openapi: 3.1.0\ninfo: {title: t, version: '1'}\nwebhooks: {w: {post: {}}}\n", SPECTRAL;
    CALLBACKS_IN_WEBHOOK = "oas3_1-callbacks-in-webhook", Warning, "No webhook has callbacks.", "A webhook is the call back already.",
        "openapi: 3.1.0\ninfo: {title: t, version: '1'}\nwebhooks: {w: {post: {callbacks: {}}}}\n" => "openapi: 3.1.0\ninfo: {title: t, version: '1'}\nwebhooks: {w: {post: {}}}\n", SPECTRAL;
    XML_ATTRIBUTE = "oas3_2-no-deprecated-xml-attribute", Warning, "OpenAPI 3.2 writes `nodeType: attribute`.", "`attribute` is deprecated there.",
        "openapi: 3.2.0\ninfo: {title: t, version: '1'}\ncomponents: {schemas: {A: {xml: {attribute: true}}}}\n" => "openapi: 3.2.0\ninfo: {title: t, version: '1'}\ncomponents: {schemas: {A: {xml: {nodeType: attribute}}}}\n", SPECTRAL;
    NAMING = "naming-convention", Info, "Names are written in one style: that of nine in ten of their kind.", "Callers guess names by the pattern they have seen.",
        "components:\n  schemas:\n    A: {properties: {aB: {}, cD: {}, eF: {}, gH: {}, iJ: {}, kL: {}, mN: {}, oP: {}, qR: {}, s_t: {}}}\n" => "components:\n  schemas:\n    A: {properties: {aB: {}, cD: {}, eF: {}, gH: {}, iJ: {}, kL: {}, mN: {}, oP: {}, qR: {}, sT: {}}}\n", OWN;
}
