# SPDX-License-Identifier: GPL-2.0
"""What the checks written in python share: the files, and C without a compiler."""

import bisect
import os
import re
import shutil
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
os.chdir(TOP)


def files(pattern=''):
    """Paths that git knows or could be told of, exist, and match a regex."""
    out = subprocess.run(['git', 'ls-files', '-zco', '--exclude-standard', '--deduplicate'],
                         check=True, stdout=subprocess.PIPE).stdout
    names = sorted(os.fsdecode(name) for name in out.split(b'\0') if name)
    return [name for name in names
            if re.search(pattern, name) and not name.startswith('build/')
            and os.path.isfile(name) and not os.path.islink(name)]


def read(path):
    with open(path, encoding='utf-8', errors='surrogateescape') as file:
        return file.read()


def need(*tools):
    for tool in tools:
        if not shutil.which(tool):
            sys.exit(f'{tool} is missing: scripts/setup installs it')


class Findings:
    """Collects findings and says them, in the form of a compiler."""

    def __init__(self):
        self.count = 0

    def add(self, path, line, text):
        self.count += 1
        print(f'{path}:{line}: {text}')

    def exit(self):
        sys.exit(1 if self.count else 0)


TOKEN = re.compile(r'''
    (?P<comment> /\*.*?\*/ | //[^\n]* )
  | (?P<text> "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' )
''', re.VERBOSE | re.DOTALL)


class Source:
    """A C file, also without its comments, and without texts too.

    All three forms have the same length and the same lines.
    """

    def __init__(self, path):
        self.path = path
        self.raw = read(path)
        self.uncommented = TOKEN.sub(self._blank_comment, self.raw)
        self.code = TOKEN.sub(self._blank, self.raw)
        self.lines = self.raw.split('\n')
        self._starts = [0]
        for line in self.lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    @staticmethod
    def _blank(match):
        kept = '"\'' if match.group('text') else ''
        return ''.join(c if c == '\n' or c in kept else ' ' for c in match.group(0))

    @classmethod
    def _blank_comment(cls, match):
        return match.group(0) if match.group('text') else cls._blank(match)

    def line_of(self, offset):
        return bisect.bisect_right(self._starts, offset)

    def includes(self):
        """Yields (line, name, whether in quotes)."""
        for match in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]',
                                 self.uncommented, re.MULTILINE):
            yield self.line_of(match.start()), match.group(2), match.group(1) == '"'

    def is_excused(self, line, rule):
        """A comment "check-ok: RULE reason", on the line or just before it."""
        pattern = re.compile(r'check-ok: ' + re.escape(rule) + r'\s+\w\w')
        if pattern.search(self.lines[line - 1]):
            return True
        above = line - 2
        while above >= 0 and re.match(r'\s*(/\*|\*|//)', self.lines[above]):
            if pattern.search(self.lines[above]):
                return True
            above -= 1
        return False

    def call_arguments(self, opening):
        """The text between a parenthesis and the one that closes it."""
        depth = 0
        for at in range(opening, len(self.code)):
            if self.code[at] == '(':
                depth += 1
            elif self.code[at] == ')':
                depth -= 1
                if depth == 0:
                    return self.uncommented[opening + 1:at]
        return self.uncommented[opening + 1:]

    def functions(self):
        """Yields a Function for each definition at file level."""
        # Preprocessor lines carry unbalanced braces.
        code = re.sub(r'^[ \t]*#(?:[^\n\\]|\\.|\\\n)*',
                      lambda m: re.sub(r'[^\n]', ' ', m.group(0)), self.code, flags=re.MULTILINE)
        parens = braces = 0
        begin = 0
        head = None
        for at, char in enumerate(code):
            if char in '()':
                parens += 1 if char == '(' else -1
            elif parens:
                continue
            elif char == '{':
                if braces == 0:
                    head = code[begin:at]
                braces += 1
            elif char == '}':
                braces -= 1
                if braces == 0:
                    name = function_name(head)
                    if name:
                        begin += len(head) - len(head.lstrip())
                        yield Function(name, ' '.join(head.split()), self.line_of(begin),
                                       self.line_of(at))
                    begin = at + 1
            elif char == ';' and braces == 0:
                begin = at + 1


class Function:
    def __init__(self, name, head, first_line, last_line):
        self.name = name
        self.head = head
        self.first_line = first_line
        self.last_line = last_line
        self.is_static = bool(re.search(r'\bstatic\b', head))
        self.returns_nothing = bool(re.match(r'(?:\w+ )*void (?:\w+ )*' + name + r'\b', head))


def function_name(head):
    """The name in the text before a brace, None when no function is defined."""
    match = re.match(r'\s*[^=(]*?(\w+)\s*\(', head)
    if not match or re.match(r'\s*(typedef|extern\s*"|(struct|union|enum)\s+\w*\s*$)', head):
        return None
    return match.group(1)
