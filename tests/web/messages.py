"""Every sentence the casework shows, found in its source without any other program: what is marked in Python and in templates, refusals, tables of words.

`python -m tests.web.messages` writes what is new into the English catalogue (untranslated), takes out what is gone, and compiles it.
"""

from __future__ import annotations

import ast
import re
import struct
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "src/duixian/web"
CATALOGUE = WEB / "locale/en/LC_MESSAGES/django.po"
MARKS = {"_": 1, "gettext": 1, "gettext_lazy": 1, "gettext_noop": 1, "ngettext": 2, "ngettext_lazy": 2}
REFUSALS = {"Refused", "Conflict", "Stopped", "Told"}
TABLES = {"Words": (0, 1), "Move": (1,), "say": (0,), "sentence": (0,), "tell": (1,), "tell_all": (0,), "_held": (0,)}  # call -> which of its arguments are words that are shown
WORDED = (ROOT / "src/duixian/ledger/books.py", WEB / "jobs/work.py", WEB / "cases/procedure.py", WEB / "cases/actions/settling.py")  # every Chinese text of these is shown
CHINESE = re.compile("[\u4e00-\u9fff]")
Message = tuple[str, ...]  # (text,) or (text, plural)


def every() -> dict[Message, list[str]]:
    """message -> where it is said. In a sentence of Python with gaps, each gap is {}."""
    found: dict[Message, list[str]] = {}
    for path in sorted((*WEB.rglob("*.py"), *WORDED[:1])):
        if "migrations" not in path.parts:
            for message, line in of_python(ast.parse(path.read_text(encoding="utf-8")), whole=path in WORDED):
                found.setdefault(message, []).append(f"{path.relative_to(ROOT)}:{line}")
    for path in sorted((WEB / "templates").rglob("*.html")):
        for message in of_template(path.read_text(encoding="utf-8")):
            found.setdefault(message, []).append(str(path.relative_to(ROOT)))
    singles = {message[0] for message in found if len(message) > 1}
    return {message: places for message, places in found.items() if len(message) > 1 or message[0] not in singles}


def of_python(tree: ast.AST, *, whole: bool = False) -> Iterator[tuple[Message, int]]:
    """The messages of a module. whole: every Chinese text of it that is not a docstring."""
    docs = {id(node.body[0].value) for node in ast.walk(tree) if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and isinstance(node.body[0], ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in MARKS:
                texts = [one.value for one in node.args[: MARKS[name]] if isinstance(one, ast.Constant)]
                if len(texts) == MARKS[name]:
                    yield tuple(texts), node.lineno
            elif name in REFUSALS:
                yield from (((text,), node.lineno) for argument in node.args for text in worded(argument))
            elif name in TABLES:
                yield from (((text,), node.lineno) for place, argument in enumerate(node.args) if place in TABLES[name] for text in worded(argument))
        elif whole and id(node) not in docs and isinstance(node, (ast.Assign, ast.AnnAssign, ast.Return)) and node.value is not None:
            yield from (((text,), node.lineno) for inner in leaves(node.value) for text in worded(inner))


def leaves(node: ast.AST) -> Iterator[ast.AST]:
    """The expressions of a value in which texts stand whole."""
    if isinstance(node, (ast.Constant, ast.JoinedStr, ast.BinOp, ast.IfExp)):
        yield node
    else:
        for inner in ast.iter_child_nodes(node):
            yield from leaves(inner)


def worded(node: ast.AST) -> Iterator[str]:
    """The Chinese sentences an expression can come to, each gap as {}."""
    if isinstance(node, ast.IfExp):
        yield from worded(node.body)
        yield from worded(node.orelse)
    elif (text := pattern(node)) and CHINESE.search(text) and "\\" not in text:  # a regular expression is not a sentence
        yield text


def pattern(node: ast.AST) -> str:
    """An expression as text with {} for what is not known here."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else "{}"
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return re.sub(r"(\{\})+", "{}", pattern(node.left) + pattern(node.right))
    return "{}"


def of_template(text: str) -> Iterator[Message]:
    """The messages of a template, as Django's own `templatize` finds them."""
    source = templatize(text)
    for found in re.finditer(r"(?<!\w)(?:_|n?gettext)\(", source):
        end = found.end()
        while end <= len(source):  # the shortest stretch that is a call
            end = source.index(")", end) + 1
            try:
                call = ast.parse(source[found.start() : end], mode="eval").body
            except SyntaxError:
                continue
            texts = tuple(one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str))  # type: ignore[attr-defined]
            if texts:
                yield texts
            break


# --- the catalogue --------------------------------------------------------------------------------------------------------------------------


def read(text: str) -> tuple[dict[Message, tuple[str, ...]], list[str]]:
    """message -> its English (one form, or singular and plural); and the entries marked fuzzy."""
    entries: dict[Message, tuple[str, ...]] = {}
    fuzzy = []
    for block in re.split(r"\n\s*\n", text):
        parts: dict[str, str] = {}
        key = ""
        for line in block.split("\n"):
            if found := re.match(r"(msgid|msgid_plural|msgstr(?:\[\d\])?) (\".*\")$", line):
                key = found.group(1)
                parts[key] = ast.literal_eval(found.group(2))
            elif line.startswith('"') and key:
                parts[key] += ast.literal_eval(line)
        if "msgid" in parts:
            message = (parts["msgid"], parts["msgid_plural"]) if "msgid_plural" in parts else (parts["msgid"],)
            entries[message] = tuple(parts[name] for name in ("msgstr", "msgstr[0]", "msgstr[1]") if name in parts)
            if re.search(r"^#,.*fuzzy", block, re.M):
                fuzzy.append(parts["msgid"])
    return entries, fuzzy


def write(entries: dict[Message, tuple[str, ...]], places: dict[Message, list[str]]) -> str:
    """A catalogue as text, in the order of the source."""
    blocks = ['msgid ""\nmsgstr ""\n' + "".join(quoted(f"{line}\n") + "\n" for line in HEAD)]
    for message in sorted(places, key=lambda one: (places[one][0].split(":")[0], one)):
        english = entries.get(message) or ("",) * len(message)
        lines = [f"#: {places[message][0].split(':')[0]}", *(["#, python-format"] if "%(" in message[0] or re.search(r"%[sd]", message[0]) else [])]
        if len(message) == 1:
            lines += [f"msgid {quoted(message[0])}", f"msgstr {quoted(english[0])}"]
        else:
            lines += [f"msgid {quoted(message[0])}", f"msgid_plural {quoted(message[1])}", *(f"msgstr[{place}] {quoted(one)}" for place, one in enumerate(english))]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


HEAD = ("Project-Id-Version: duixian", "Language: en", "MIME-Version: 1.0", "Content-Type: text/plain; charset=UTF-8", "Content-Transfer-Encoding: 8bit", "Plural-Forms: nplurals=2; plural=(n != 1);")


def quoted(text: str) -> str:
    """A text as a catalogue writes it, on one line."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'


def compiled(entries: dict[Message, tuple[str, ...]]) -> bytes:
    """The catalogue as `gettext` reads it (.mo): sorted, without untranslated entries."""
    rows = {"": "".join(f"{line}\n" for line in HEAD)} | {"\0".join(message): "\0".join(english) for message, english in entries.items() if message != ("",) and all(english)}
    pairs = sorted((key.encode(), value.encode()) for key, value in rows.items())
    start = 28 + 16 * len(pairs)
    keys, values, tables = b"", b"", ([], [])
    for key, _value in pairs:
        tables[0].append((len(key), start + len(keys)))
        keys += key + b"\0"
    for _key, value in pairs:
        tables[1].append((len(value), start + len(keys) + len(values)))
        values += value + b"\0"
    index = b"".join(struct.pack("<II", *one) for table in tables for one in table)
    return struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 28 + 16 * len(pairs)) + index + keys + values


def main() -> None:
    """Bring the catalogue up to the source, and compile it."""
    entries, _ = read(CATALOGUE.read_text(encoding="utf-8")) if CATALOGUE.is_file() else ({}, [])
    places = every()
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    CATALOGUE.write_text(write(entries, places), encoding="utf-8")
    kept = read(CATALOGUE.read_text(encoding="utf-8"))[0]
    CATALOGUE.with_suffix(".mo").write_bytes(compiled(kept))
    print(f"{len(places)} messages, {sum(not all(kept[one]) for one in places)} without English")  # noqa: T201 -- a tool's answer


if __name__ == "__main__":
    from django.conf import settings

    settings.configure(USE_I18N=True)
    main()
