//! Pages of the pycodestyle rules (E, W): layout, whitespace and idioms.

pages! {
    E101 "A line is indented with spaces or with tabs, not with both.": "How deep the line is depends on the width of a tab, so editors show what Python does not see.", "if input():\n    \tprint('yes')" => "if input():\n    print('yes')";
    E401 "Each `import` statement imports one module.": "One a line is easier to search, sort and merge.", "import os, sys" => "import os\nimport sys";
    E402 "Imports come before other code.": "An import far down hides a dependency, and code above it runs without it.", "x = 1\nimport os" => "import os\n\nx = 1";
    E501 "Lines are no longer than the limit, 88 characters unless set.": "Longer lines are cut or wrapped in reviews and in windows side by side.", "message = 'one two three four five six seven eight nine ten eleven twelve thirteen fourteen'" => "message = (\n    'one two three four five six seven eight '\n    'nine ten eleven twelve thirteen fourteen'\n)";
    E701 "The body of a compound statement starts on a line of its own.": "A body behind the colon is easily missed, and debuggers stop by line.", "if input(): print('yes')" => "if input():\n    print('yes')";
    E702 "Each statement has a line of its own.": "The second statement is easily missed, and debuggers and tracebacks count by line.", "x = 1; y = 2" => "x = 1\ny = 2";
    E703 "Statements do not end with a semicolon.": "In Python it means nothing; it is left over from another language.", "x = 1;" => "x = 1";
    E711 "`None` is compared with `is`.": "`==` calls the other side's `__eq__`, which may say anything; arrays compare item by item.", "x = input() or None\nprint(x == None)" => "x = input() or None\nprint(x is None)";
    E712 "Truth is tested without comparing to `True` or `False`.": "A comparison fails for values that are true without being `True`, such as 2 or a list with items.", "def go(ready):\n    if ready == True:\n        print('go')" => "def go(ready):\n    if ready:\n        print('go')";
    E713 "Absence is tested with `not in`.": "`not x in y` reads as if `not x` were looked for.", "def is_new(key, known):\n    return not key in known" => "def is_new(key, known):\n    return key not in known";
    E714 "Another identity is tested with `is not`.": "`not x is y` reads as if `not x` were compared.", "def given(x):\n    return not x is None" => "def given(x):\n    return x is not None";
    E721 "Types are compared with `is` or tested with `isinstance`.": "`==` on types leaves out subclasses and can be overridden by a metaclass.", "def is_text(x):\n    return type(x) == str" => "def is_text(x):\n    return isinstance(x, str)";
    E722 "`except` says which exceptions it handles.": "A bare one also catches KeyboardInterrupt and SystemExit, so the program cannot be stopped.", "try:\n    n = int(input())\nexcept:\n    n = 0" => "try:\n    n = int(input())\nexcept ValueError:\n    n = 0";
    E731 "Functions with a name are written with `def`.": "A lambda is called `<lambda>` in every traceback and takes no docstring.", "double = lambda x: 2 * x" => "def double(x):\n    return 2 * x";
    E741 "Variables are not called `l`, `O` or `I`.": "In many fonts they look like 1 and 0.", "l = [1, 2]\nprint(l[1])" => "items = [1, 2]\nprint(items[1])";
    E742 "Classes are not called `l`, `O` or `I`.": "In many fonts they look like 1 and 0.", "class I:\n    pass" => "class Item:\n    pass";
    E743 "Functions are not called `l`, `O` or `I`.": "In many fonts they look like 1 and 0.", "def l(x):\n    return len(x)" => "def length(x):\n    return len(x)";
    W191 "Indentation is made of spaces.": "Tabs look different in every editor, and Python refuses a block that mixes them with spaces.", "if input():\n\tprint('yes')" => "if input():\n    print('yes')";
    W291 "Lines do not end in spaces or tabs.": "They cannot be seen, and they turn up as changes in reviews.", "x = 1  \ny = 2\n" => "x = 1\ny = 2\n";
    W292 "The last line of a file ends with a newline.": "Without it, tools that join files run two lines together, and the next change touches this line as well.", "x = 1" => "x = 1\n";
    W293 "Blank lines are empty.": "Spaces in them cannot be seen, and they turn up as changes in reviews.", "def f():\n    print(1)\n    \n    print(2)\n" => "def f():\n    print(1)\n\n    print(2)\n";
    W605 "A backslash in a string starts an escape that Python knows.": "Others are kept as they are with a warning, and are to become a SyntaxError.", "digits = '\\d+'" => "digits = r'\\d+'";
}
