"""Chinese first: a page is in Chinese until somebody asks for English, whatever the browser's own language is.

What the program says for itself is marked where it stands (gettext). What comes as a finished Chinese sentence, a refusal or a reason of the rules, is
said in English where it is shown (`said`): as the catalogue has it, its gaps as {}, else as the rules' own English has it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import trans_real

from duixian.values.english import ENGLISH, METHODS
from duixian.values.labels import inside_text, outcome_text, reason_text, waits_text
from duixian.values.messages import Language
from duixian.values.terms import Outcome, Waits

_CHINESE = re.compile("[\u4e00-\u9fff]")
_AMOUNT = re.compile(r"\d万?元")
_MISSING = re.compile(r"(?P<kind>\S+) (?P<key>\S+) (?:(?P<year>\d{4})年 )?(?P<fact>[^\s（）；]+)(?:（(?P<note>[^（）]+)）)?")
# single words the engine leaves in a line: outcomes, whom a fact waits for, what a total came to
_WORDS = {one.value: outcome_text(one, "en") for one in Outcome} | {one.value: waits_text(one, "en") for one in Waits} | METHODS | {"未超出": "within the total", "未定": "not set"}


class LanguageMiddleware:
    """The language chosen on the page (a cookie, set by Django's own address), else Chinese."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", "en" if language == "en" else "zh-CN")
        return response


def spoken() -> Language:
    """The language of the page as the rules name it."""
    return "en" if (translation.get_language() or "").startswith("en") else "zh"


def sentence(text: str) -> str:
    """A Chinese sentence that is stored and said later, in the language of whoever reads it; its gaps are filled in already. Marks it for the catalogue."""
    return text


def aside(text: object) -> str:
    """What stands in brackets behind a word, in the brackets of the language; nothing where there is nothing to say."""
    return "" if text in (None, "") else translation.gettext("（%s）") % text


def listed(words: Iterable[object], mark: str = "、") -> str:
    """Words one behind the other (`、`) or clauses (`；`), with the marks of the page's language between them."""
    return (mark if spoken() == "zh" else {"、": ", ", "；": "; "}[mark]).join(map(str, words))


def said(text: object) -> str:
    """A finished Chinese sentence in the language of the page; as it is where there is no English for it."""
    whole = str(text)
    if spoken() == "zh" or not _CHINESE.search(whole):
        return whole
    return "\n".join(_said(line) for line in whole.split("\n"))


def _said(text: str) -> str:
    known = translation.gettext(text) if text else text
    if known != text:
        return known
    if text in _WORDS or (text in ENGLISH and "{" not in text):
        return _WORDS.get(text) or ENGLISH[text]
    for shape, english in _shapes():
        if found := shape.fullmatch(text):
            return english.format(*(_part(part) if _CHINESE.search(part) and part != text else part for part in found.groups()))
    parts = text.split("；")
    if len(parts) > 1:
        return "; ".join(_said(part) for part in parts)
    known = reason_text(text, "en")
    if known == text and (found := _MISSING.fullmatch(text)):
        return " ".join(part for part in found.group("kind", "key", "year", "fact") if part) + (f" ({_said(found['note'])})" if found["note"] else "")
    return known


def _part(text: str) -> str:
    """What stands in a gap: a sentence of its own, an amount, or a name that stays."""
    known = _said(text)
    return inside_text(text) if known == text and _AMOUNT.search(text) else known


@lru_cache(maxsize=1)
def _shapes() -> list[tuple[re.Pattern[str], str]]:
    """Sentences of the catalogue with gaps, those that say most in their own words first."""
    rows = [(key, value) for key, value in trans_real.translation("en")._catalog.items() if isinstance(key, str) and "{}" in key and value]
    rows.sort(key=lambda row: -len(row[0].replace("{}", "")))
    return [(re.compile("(.+?)".join(re.escape(part) for part in key.split("{}")), re.S), value) for key, value in rows]
