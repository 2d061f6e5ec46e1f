//! The rules: the ids and levels of Spectral's OWASP ruleset for what it knows, own ones for the rest. Each has its CWE.
//!
//! On the pages, a source that is no document is a token (it has two dots) or headers.

use octavo_toolkit::{Level, Rule, rule_docs};

#[cfg(not(target_arch = "wasm32"))]
const RULESET: &str = "Stoplight, OWASP API Security Top 10 2023 ruleset (@stoplight/spectral-owasp-ruleset)";
#[cfg(not(target_arch = "wasm32"))]
const OWASP: &str = "OWASP API Security Top 10 2023 (https://owasp.org/API-Security)";
#[cfg(not(target_arch = "wasm32"))]
const RFC8725: &str = "RFC 8725, JSON Web Token Best Current Practices";
#[cfg(not(target_arch = "wasm32"))]
const HEADERS: &str = "OWASP, HTTP Headers Cheat Sheet; Fetch Standard, CORS protocol";

macro_rules! rules {
    ($($name:ident = $id:literal, $level:ident, $category:literal, $cwe:literal, $summary:literal, $why:literal, $wrong:literal => $right:literal, $source:ident;)*) => {
        $(pub(super) static $name: Rule = Rule {
            id: $id,
            level: Level::$level,
            summary: $summary,
            docs: rule_docs!(why: concat!($why, " CWE-", $cwe, "."), wrong: $wrong, right: $right, source: $source),
        };)*
        /// All rules.
        pub(super) const RULES: &[Rule] = &[$(Rule {
            id: $id,
            level: Level::$level,
            summary: $summary,
            docs: rule_docs!(why: concat!($why, " CWE-", $cwe, "."), wrong: $wrong, right: $right, source: $source),
        }),*];
        /// The risk of OWASP's list and the CWE of each rule.
        pub(super) const KINDS: &[(&str, u8, u16)] = &[$(($id, $category, $cwe)),*];
    };
}

#[rustfmt::skip]
rules! {
    PARSER = "parser", Error, 0, 20, "The document can be read.", "What cannot be read cannot be audited.", "openapi: [3.0.0" => "openapi: 3.0.0\npaths: {}", OWASP;
    UNRECOGNIZED = "unrecognized-format", Error, 0, 20, "The document is OpenAPI 3.x or Swagger 2.0.", "Without a version there are no rules to hold it to.", "title: Pets" => "paths: {}", OWASP;
    NUMERIC_IDS = "owasp:api1:2023-no-numeric-ids", Error, 1, 639, "Identifiers in parameters are random, not numbers.", "Whoever has one number has the next.",
        "paths:\n  /a/{id}:\n    get:\n      parameters: [{in: path, name: id, required: true, schema: {type: integer}}]\n" => "paths:\n  /a/{id}:\n    get:\n      parameters: [{in: path, name: id, required: true, schema: {type: string}}]\n", RULESET;
    OBJECT_SCOPE = "owasp:api1:2023-object-id-without-scope", Info, 1, 639, "An operation on an object by its id asks for a scope.", "A token that any caller has says nothing of whose object it is; the server must check it, and the contract should say so.",
        "paths:\n  /a/{id}:\n    get:\n      security: [{o: []}]\n      parameters: [{in: path, name: id, required: true, schema: {type: string}}]\ncomponents: {securitySchemes: {o: {type: oauth2, flows: {}}}}\n" => "paths:\n  /a/{id}:\n    get:\n      security: [{o: [a:read]}]\n      parameters: [{in: path, name: id, required: true, schema: {type: string}}]\ncomponents: {securitySchemes: {o: {type: oauth2, flows: {}}}}\n", OWASP;
    HTTP_BASIC = "owasp:api2:2023-no-http-basic", Error, 2, 522, "No security scheme is HTTP Basic.", "The password travels with every request, and anybody on the way can read it.",
        "components: {securitySchemes: {b: {type: http, scheme: basic}}}\n" => "components: {securitySchemes: {b: {type: http, scheme: bearer}}}\n", RULESET;
    API_KEY_URL = "owasp:api2:2023-no-api-keys-in-url", Error, 2, 598, "No API key is part of a URL.", "URLs are logged, cached and shared.",
        "components: {securitySchemes: {k: {type: apiKey, in: query, name: k}}}\n" => "components: {securitySchemes: {k: {type: apiKey, in: header, name: k}}}\n", RULESET;
    CREDENTIALS_URL = "owasp:api2:2023-no-credentials-in-url", Error, 2, 598, "No parameter of a URL is a credential.", "URLs are logged, cached and shared.",
        "paths:\n  /a:\n    get:\n      parameters: [{in: query, name: access_token, schema: {type: string}}]\n" => "paths:\n  /a:\n    get:\n      parameters: [{in: query, name: q, schema: {type: string}}]\n", RULESET;
    INSECURE_SCHEMES = "owasp:api2:2023-auth-insecure-schemes", Error, 2, 327, "No authentication scheme is outdated.", "Negotiate and OAuth 1 have known weaknesses.",
        "components: {securitySchemes: {n: {type: http, scheme: negotiate}}}\n" => "components: {securitySchemes: {n: {type: http, scheme: bearer}}}\n", RULESET;
    JWT_PRACTICES = "owasp:api2:2023-jwt-best-practices", Error, 2, 347, "Schemes with JSON Web Tokens say that they follow RFC 8725.", "Its rules are what keeps unsigned and confused tokens out.",
        "components: {securitySchemes: {j: {type: http, scheme: bearer, bearerFormat: JWT}}}\n" => "components: {securitySchemes: {j: {type: http, scheme: bearer, bearerFormat: JWT, description: As RFC8725 says.}}}\n", RULESET;
    SHORT_LIVED = "owasp:api2:2023-short-lived-access-tokens", Error, 2, 613, "OAuth flows can refresh their tokens.", "Without it tokens must live long, and so do stolen ones.",
        "components: {securitySchemes: {o: {type: oauth2, flows: {clientCredentials: {tokenUrl: /t, scopes: {}}}}}}\n" => "components: {securitySchemes: {o: {type: oauth2, flows: {clientCredentials: {tokenUrl: /t, refreshUrl: /r, scopes: {}}}}}}\n", RULESET;
    WRITE_RESTRICTED = "owasp:api2:2023-write-restricted", Error, 2, 306, "Operations that write ask who is calling.", "Anybody can change what they change.",
        "paths: {/a: {post: {responses: {}}}}\n" => "paths: {/a: {post: {security: [{k: []}], responses: {}}}}\n", RULESET;
    READ_RESTRICTED = "owasp:api2:2023-read-restricted", Warning, 2, 306, "Operations that read ask who is calling.", "Anybody can read what they give.",
        "paths: {/a: {get: {responses: {}}}}\n" => "paths: {/a: {get: {security: [{k: []}], responses: {}}}}\n", RULESET;
    NO_ADDITIONAL = "owasp:api3:2023-no-additionalProperties", Warning, 3, 915, "Objects do not take any property.", "What is not described is not checked, and may reach the store.",
        "components: {schemas: {A: {type: object, additionalProperties: true}}}\n" => "components: {schemas: {A: {type: object, additionalProperties: false}}}\n", RULESET;
    CONSTRAINED_ADDITIONAL = "owasp:api3:2023-constrained-additionalProperties", Warning, 3, 770, "Objects that take any property limit how many.", "A body of a million properties is read before it is refused.",
        "components: {schemas: {A: {type: object, additionalProperties: {type: string}}}}\n" => "components: {schemas: {A: {type: object, additionalProperties: {type: string}, maxProperties: 9}}}\n", RULESET;
    NO_UNEVALUATED = "owasp:api3:2023-no-unevaluatedProperties", Warning, 3, 915, "Objects do not take any property.", "What is not described is not checked, and may reach the store.",
        "openapi: 3.1.0\ncomponents: {schemas: {A: {type: object, unevaluatedProperties: true}}}\n" => "openapi: 3.1.0\ncomponents: {schemas: {A: {type: object, unevaluatedProperties: false}}}\n", RULESET;
    CONSTRAINED_UNEVALUATED = "owasp:api3:2023-constrained-unevaluatedProperties", Warning, 3, 770, "Objects that take any property limit how many.", "A body of a million properties is read before it is refused.",
        "openapi: 3.1.0\ncomponents: {schemas: {A: {type: object, unevaluatedProperties: {type: string}}}}\n" => "openapi: 3.1.0\ncomponents: {schemas: {A: {type: object, unevaluatedProperties: {type: string}, maxProperties: 9}}}\n", RULESET;
    MASS_ASSIGNMENT = "owasp:api3:2023-mass-assignment", Warning, 3, 915, "A request body has no property that only the server may set.", "A caller who sends it may become an administrator.",
        "paths:\n  /a:\n    post:\n      requestBody: {content: {application/json: {schema: {type: object, properties: {isAdmin: {type: boolean}}}}}}\n" => "paths:\n  /a:\n    post:\n      requestBody: {content: {application/json: {schema: {type: object, properties: {isAdmin: {type: boolean, readOnly: true}}}}}}\n", OWASP;
    RATE_LIMIT = "owasp:api4:2023-rate-limit", Error, 4, 770, "Responses say how many requests are left.", "Clients that know the limit keep it; others find it by failing.",
        "paths: {/a: {get: {responses: {'200': {description: d}}}}}\n" => "paths: {/a: {get: {responses: {'200': {description: d, headers: {RateLimit: {}}}}}}}\n", RULESET;
    RETRY_AFTER = "owasp:api4:2023-rate-limit-retry-after", Error, 4, 770, "A 429 response says when to come back.", "Clients that do not know ask again at once.",
        "paths: {/a: {get: {responses: {'429': {description: d, headers: {X: {}}}}}}}\n" => "paths: {/a: {get: {responses: {'429': {description: d, headers: {Retry-After: {}}}}}}}\n", RULESET;
    RESPONSES_429 = "owasp:api4:2023-rate-limit-responses-429", Warning, 4, 770, "Operations describe the 429 response.", "A limit nobody documents is one that is not there.",
        "paths: {/a: {get: {responses: {'200': {description: d}}}}}\n" => "paths: {/a: {get: {responses: {'429': {description: d, content: {a/b: {}}}}}}}\n", RULESET;
    ARRAY_LIMIT = "owasp:api4:2023-array-limit", Error, 4, 770, "Arrays have a largest size.", "A list without one takes as much memory as the caller wants.",
        "components: {schemas: {A: {type: array, items: {}}}}\n" => "components: {schemas: {A: {type: array, maxItems: 9, items: {}}}}\n", RULESET;
    STRING_LIMIT = "owasp:api4:2023-string-limit", Error, 4, 770, "Strings have a largest length, or are listed.", "A text without one takes as much memory as the caller wants.",
        "components: {schemas: {A: {type: string}}}\n" => "components: {schemas: {A: {type: string, maxLength: 9}}}\n", RULESET;
    STRING_RESTRICTED = "owasp:api4:2023-string-restricted", Warning, 4, 20, "Strings have a format or pattern, or are listed.", "What is not restricted carries anything into what reads it.",
        "components: {schemas: {A: {type: string}}}\n" => "components: {schemas: {A: {type: string, format: uuid}}}\n", RULESET;
    INTEGER_LIMIT = "owasp:api4:2023-integer-limit", Error, 4, 770, "Integers have a smallest and a largest value.", "A page size of a billion is a number too.",
        "openapi: 3.1.0\ncomponents: {schemas: {A: {type: integer}}}\n" => "openapi: 3.1.0\ncomponents: {schemas: {A: {type: integer, minimum: 1, maximum: 9}}}\n", RULESET;
    INTEGER_LIMIT_LEGACY = "owasp:api4:2023-integer-limit-legacy", Error, 4, 770, "Integers have a smallest and a largest value.", "A page size of a billion is a number too.",
        "components: {schemas: {A: {type: integer}}}\n" => "components: {schemas: {A: {type: integer, minimum: 1, maximum: 9}}}\n", RULESET;
    INTEGER_FORMAT = "owasp:api4:2023-integer-format", Error, 4, 190, "Integers have a format.", "Without it one side counts in 32 bits and the other in 64.",
        "components: {schemas: {A: {type: integer}}}\n" => "components: {schemas: {A: {type: integer, format: int32}}}\n", RULESET;
    ADMIN_UNIQUE = "owasp:api5:2023-admin-security-unique", Error, 5, 285, "Administration asks for other rights than the rest.", "A caller of one is a caller of the other.",
        "paths: {/admin: {get: {security: [{k: []}]}}, /a: {get: {security: [{k: []}]}}}\n" => "paths: {/admin: {get: {security: [{admin: []}]}}, /a: {get: {security: [{k: []}]}}}\n", RULESET;
    URL_PARAMETER = "owasp:api7:2023-concerning-url-parameter", Info, 7, 918, "Parameters that are URLs are looked at with care.", "A server that fetches what callers name reaches what only it can reach.",
        "paths: {/a: {get: {parameters: [{in: query, name: image_url, schema: {type: string}}]}}}\n" => "paths: {/a: {get: {parameters: [{in: query, name: image, schema: {type: string}}]}}}\n", RULESET;
    CORS_ORIGIN = "owasp:api8:2023-define-cors-origin", Error, 8, 942, "Response headers say which origins may read them.", "What is not stated is often set to any.",
        "paths: {/a: {get: {responses: {'200': {description: d, headers: {X: {}}}}}}}\n" => "paths: {/a: {get: {responses: {'200': {description: d, headers: {Access-Control-Allow-Origin: {}}}}}}}\n", RULESET;
    SCHEME_HTTP = "owasp:api8:2023-no-scheme-http", Error, 8, 319, "Swagger schemes are https or wss.", "What is not encrypted is read and changed on its way.",
        "swagger: '2.0'\nschemes: [http]\npaths: {}\n" => "swagger: '2.0'\nschemes: [https]\npaths: {}\n", RULESET;
    SERVER_HTTP = "owasp:api8:2023-no-server-http", Error, 8, 319, "Server URLs are https or wss.", "What is not encrypted is read and changed on its way.",
        "servers: [{url: 'http://a.bc'}]\n" => "servers: [{url: 'https://a.bc'}]\n", RULESET;
    ERROR_VALIDATION = "owasp:api8:2023-define-error-validation", Warning, 8, 388, "Operations describe what a bad request gets.", "An error that is not designed tells too much.",
        "paths: {/a: {get: {responses: {'200': {description: d}}}}}\n" => "paths: {/a: {get: {responses: {'400': {description: d}}}}}\n", RULESET;
    ERROR_401 = "owasp:api8:2023-define-error-responses-401", Warning, 8, 388, "Operations describe the 401 response.", "An error that is not designed tells too much.",
        "paths: {/a: {get: {responses: {'200': {description: d}}}}}\n" => "paths: {/a: {get: {responses: {'401': {description: d, content: {a/b: {}}}}}}}\n", RULESET;
    ERROR_500 = "owasp:api8:2023-define-error-responses-500", Warning, 8, 388, "Operations describe the 500 response.", "An error that is not designed tells too much.",
        "paths: {/a: {get: {responses: {'200': {description: d}}}}}\n" => "paths: {/a: {get: {responses: {'500': {description: d, content: {a/b: {}}}}}}}\n", RULESET;
    VERBOSE_ERRORS = "owasp:api8:2023-verbose-errors", Warning, 8, 209, "Error responses do not show the server's inside.", "Stack traces and queries are a map for whoever attacks.",
        "paths: {/a: {get: {responses: {'500': {description: d, content: {application/json: {schema: {type: object, properties: {stackTrace: {type: string}}}}}}}}}}\n" => "paths: {/a: {get: {responses: {'500': {description: d, content: {application/json: {schema: {type: object, properties: {code: {type: string}}}}}}}}}}\n", OWASP;
    SECRET_EXAMPLE = "owasp:api8:2023-secret-in-document", Error, 8, 798, "No example or description holds a real secret.", "Documents are published.",
        "components: {schemas: {A: {type: string, example: AKIAIOSFODNN7ABCDEFG}}}\n" => "components: {schemas: {A: {type: string, example: AKIAIOSFODNN7EXAMPLE}}}\n", OWASP;
    INVENTORY_ACCESS = "owasp:api9:2023-inventory-access", Error, 9, 1059, "Servers say whether they are internal, by `x-internal`.", "An API nobody knows of is one nobody protects.",
        "servers: [{url: 'https://a.bc'}]\n" => "servers: [{url: 'https://a.bc', x-internal: false}]\n", RULESET;
    INVENTORY_ENVIRONMENT = "owasp:api9:2023-inventory-environment", Error, 9, 1059, "Descriptions of servers name their environment.", "A test server with real data is found by those who look.",
        "servers: [{url: 'https://a.bc', description: main}]\n" => "servers: [{url: 'https://a.bc', description: production}]\n", RULESET;
    TOKEN_MALFORMED = "jwt-malformed", Error, 2, 347, "The token is a signed JSON Web Token.", "What is no token cannot be checked.",
        "a.b.c" => "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJpIiwiYXVkIjoiYSIsInN1YiI6InMiLCJpYXQiOjEsImV4cCI6MTAwfQ.c2ln", RFC8725;
    TOKEN_NONE = "jwt-alg-none", Error, 2, 347, "The token names a signature algorithm other than `none`, and is signed.", "Anybody can write such a token.",
        "eyJhbGciOiJub25lIn0.eyJpc3MiOiJpIiwiYXVkIjoiYSIsInN1YiI6InMiLCJpYXQiOjEsImV4cCI6MTAwfQ." => "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJpIiwiYXVkIjoiYSIsInN1YiI6InMiLCJpYXQiOjEsImV4cCI6MTAwfQ.c2ln", RFC8725;
    TOKEN_SYMMETRIC = "jwt-alg-symmetric", Info, 2, 321, "Tokens are signed with a private key.", "Whoever can check a token signed with a shared secret can also write one, and weak secrets are guessed offline.",
        "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJpIiwiYXVkIjoiYSIsInN1YiI6InMiLCJpYXQiOjEsImV4cCI6MTAwfQ.c2ln" => "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJpIiwiYXVkIjoiYSIsInN1YiI6InMiLCJpYXQiOjEsImV4cCI6MTAwfQ.c2ln", RFC8725;
    TOKEN_WEAK = "jwt-alg-unknown", Warning, 2, 327, "The algorithm is one that the registry recommends.", "Unknown algorithms are mistakes or traps.",
        "eyJhbGciOiJYMSJ9.eyJpc3MiOiJpIiwiYXVkIjoiYSIsInN1YiI6InMiLCJpYXQiOjEsImV4cCI6MTAwfQ.c2ln" => "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJpIiwiYXVkIjoiYSIsInN1YiI6InMiLCJpYXQiOjEsImV4cCI6MTAwfQ.c2ln", RFC8725;
    TOKEN_NO_EXPIRY = "jwt-no-expiry", Error, 2, 613, "The token expires.", "A stolen one works for ever.",
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJpIiwiYXVkIjoiYSIsInN1YiI6InMifQ.c2ln" => "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJpIiwiYXVkIjoiYSIsInN1YiI6InMiLCJpYXQiOjEsImV4cCI6MTAwfQ.c2ln", RFC8725;
    TOKEN_LONG = "jwt-long-lived", Warning, 2, 613, "The token lives a day at most.", "A stolen one works until then.",
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJpIiwiYXVkIjoiYSIsInN1YiI6InMiLCJpYXQiOjEsImV4cCI6MTAwMDAwMH0.c2ln" => "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJpIiwiYXVkIjoiYSIsInN1YiI6InMiLCJpYXQiOjEsImV4cCI6MTAwfQ.c2ln", RFC8725;
    TOKEN_CLAIMS = "jwt-missing-claims", Warning, 2, 345, "The token says who wrote it and for whom.", "A token for one service is taken by another.",
        "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJzIiwiaWF0IjoxLCJleHAiOjEwMH0.c2ln" => "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJpIiwiYXVkIjoiYSIsInN1YiI6InMiLCJpYXQiOjEsImV4cCI6MTAwfQ.c2ln", RFC8725;
    TOKEN_KEY_URL = "jwt-key-from-header", Warning, 2, 347, "The token does not name where its key is.", "A server that believes it takes the attacker's key.",
        "eyJhbGciOiJFUzI1NiIsImprdSI6Imh0dHBzOi8vYS5iYyJ9.eyJpc3MiOiJpIiwiYXVkIjoiYSIsInN1YiI6InMiLCJpYXQiOjEsImV4cCI6MTAwfQ.c2ln" => "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJpIiwiYXVkIjoiYSIsInN1YiI6InMiLCJpYXQiOjEsImV4cCI6MTAwfQ.c2ln", RFC8725;
    TOKEN_SECRET = "jwt-sensitive-claim", Error, 2, 312, "The token carries no password or key.", "Its body is readable by anybody who holds it.",
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJpIiwiYXVkIjoiYSIsInN1YiI6InMiLCJwYXNzd29yZCI6IngiLCJpYXQiOjEsImV4cCI6MTAwfQ.c2ln" => "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJpIiwiYXVkIjoiYSIsInN1YiI6InMiLCJpYXQiOjEsImV4cCI6MTAwfQ.c2ln", RFC8725;
    CORS_ANY = "cors-any-origin", Warning, 8, 942, "Not every origin may read the response.", "Any page that a user visits can.",
        "Access-Control-Allow-Origin: *" => "Access-Control-Allow-Origin: https://a.bc", HEADERS;
    CORS_CREDENTIALS = "cors-any-origin-with-credentials", Error, 8, 942, "Credentials are not allowed to any or to the null origin.", "Any page that a user visits acts as that user.",
        "Access-Control-Allow-Origin: null\nAccess-Control-Allow-Credentials: true" => "Access-Control-Allow-Origin: https://a.bc\nAccess-Control-Allow-Credentials: true\nVary: Origin", HEADERS;
    CORS_VARY = "cors-without-vary", Warning, 8, 524, "A response for one origin says `Vary: Origin`.", "A cache gives it to another origin.",
        "Access-Control-Allow-Origin: https://a.bc\nCache-Control: public" => "Access-Control-Allow-Origin: https://a.bc\nVary: Origin\nCache-Control: public", HEADERS;
    NO_HSTS = "header-no-hsts", Warning, 8, 319, "`Strict-Transport-Security` holds for half a year at least.", "The first request without encryption is where the attacker waits.",
        "Content-Type: application/json" => "Content-Type: application/json\nStrict-Transport-Security: max-age=31536000", HEADERS;
    NO_NOSNIFF = "header-no-nosniff", Warning, 8, 430, "`X-Content-Type-Options` is `nosniff`.", "Browsers guess, and run what was meant as data.",
        "Content-Type: application/json" => "Content-Type: application/json\nX-Content-Type-Options: nosniff", HEADERS;
    NO_STORE = "header-cacheable", Info, 8, 524, "`Cache-Control` says who may keep the response.", "Without it caches on the way may.",
        "Content-Type: application/json" => "Content-Type: application/json\nCache-Control: no-store", HEADERS;
    VERSION_HEADER = "header-version-disclosure", Warning, 8, 200, "No header names the server's software and version.", "It says which known weaknesses to try.",
        "Server: nginx/1.14.2" => "Server: web", HEADERS;
    COOKIE_FLAGS = "cookie-flags", Warning, 8, 614, "Cookies are Secure, HttpOnly and SameSite.", "Scripts and other sites can use them otherwise.",
        "Set-Cookie: id=1" => "Set-Cookie: id=1; Secure; HttpOnly; SameSite=Lax", HEADERS;
}
