//! Rules of flows; the ids of the calls are bandit's, and their pages those of ruff's same rules.

use octavo_toolkit::{Level, Rule, rule_docs};

macro_rules! flow {
    ($name:ident, $id:literal, $summary:literal, $why:literal, $wrong:literal, $right:literal) => {
        pub(super) const $name: Rule = Rule {
            id: $id,
            level: Level::Error,
            summary: $summary,
    docs: rule_docs!(why: $why, wrong: $wrong, right: $right, source: concat!("CodeQL, py/", $id)),
        };
    };
}

flow!(
    SQL,
    "sql-injection",
    "No value from outside becomes part of SQL.",
    "Whoever sends the value writes the query: they read, change or delete what they like.",
    "import sqlite3\n\n\ndef find(db):\n    name = input()\n    return db.execute(\"SELECT * FROM t WHERE name = '\" + name + \"'\")\n",
    "import sqlite3\n\n\ndef find(db):\n    name = input()\n    return db.execute(\"SELECT * FROM t WHERE name = ?\", (name,))\n"
);
flow!(
    COMMAND,
    "command-line-injection",
    "No value from outside becomes a command.",
    "A value with `;` or `$(...)` runs commands of its sender.",
    "import os\n\nos.system(\"ls \" + input())\n",
    "import os\nimport shlex\n\nos.system(\"ls \" + shlex.quote(input()))\n"
);
flow!(
    CODE,
    "code-injection",
    "No value from outside runs as Python.",
    "Its sender does whatever the program may do.",
    "print(eval(input()))\n",
    "import ast\n\nprint(ast.literal_eval(input()))\n"
);
flow!(
    PATH,
    "path-injection",
    "No value from outside names a file unchecked.",
    "A value with `../` leads to any file the program may read or write.",
    "print(open(\"data/\" + input()).read())\n",
    "import os\n\nprint(open(\"data/\" + os.path.basename(input())).read())\n"
);
flow!(
    OBJECT,
    "unsafe-deserialization",
    "No value from outside is made into objects by pickle and the like.",
    "Such formats say which functions to call: loading one runs the sender's code.",
    "import pickle\nfrom flask import request\n\nprint(pickle.loads(request.data))\n",
    "import json\nfrom flask import request\n\nprint(json.loads(request.data))\n"
);
flow!(
    HTML,
    "reflective-xss",
    "No value from outside is sent as HTML unescaped.",
    "A script in the value runs in the browser of whoever follows a link.",
    "from flask import Flask, request\n\napp = Flask(__name__)\n\n\n@app.route(\"/\")\ndef hello():\n    return f\"<p>{request.args['name']}</p>\"\n",
    "from flask import Flask, request\nfrom markupsafe import escape\n\napp = Flask(__name__)\n\n\n@app.route(\"/\")\ndef hello():\n    return f\"<p>{escape(request.args['name'])}</p>\"\n"
);
flow!(
    REQUEST,
    "full-ssrf",
    "No value from outside says which server is asked.",
    "The program reaches what its sender cannot: services behind the firewall, and the cloud's metadata.",
    "import requests\n\nprint(requests.get(input()))\n",
    "import requests\n\nprint(requests.get(\"https://example.com/\" + input()))\n"
);
flow!(
    REDIRECT,
    "url-redirection",
    "No value from outside says where a visitor is sent.",
    "A link to a trusted site leads to a forged one.",
    "from flask import redirect, request\n\n\ndef go():\n    return redirect(request.args[\"next\"])\n",
    "from flask import redirect, request, url_for\n\n\ndef go():\n    return redirect(url_for(request.args[\"next\"]))\n"
);
flow!(
    TEMPLATE,
    "template-injection",
    "No value from outside becomes a template.",
    "Templates run code: `{{ ... }}` in the value runs on the server.",
    "from flask import render_template_string, request\n\n\ndef page():\n    return render_template_string(request.args[\"page\"])\n",
    "from flask import render_template_string, request\n\n\ndef page():\n    return render_template_string(\"{{ page }}\", page=request.args[\"page\"])\n"
);
