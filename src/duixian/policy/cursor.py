"""Where the reading of one clause value or cell stands among its tokens, and what is said where it cannot go on."""

from __future__ import annotations

from ..values.diagnostic import Diagnostic
from .document import Document
from .hints import left_over
from .lexer import Token, tokenise
from .syntax import PREFIXES, Span

MOST_OPERATORS, MOST_BRACKETS = 80, 25  # one clause; more is not a sentence anybody signs, and would only exhaust the stack


class Unreadable(Exception):
    """A defect that stops the reading of one clause value; the caller collects it and goes on with the next."""

    def __init__(self, code: str, at: Span, **details: object) -> None:
        self.code, self.at, self.details = code, at, details


class Cursor:
    """The tokens of one text and the place in them. Methods consume what they recognise and raise Unreadable otherwise."""

    def __init__(self, text: str, offset: int, document: Document, defects: list[Diagnostic]) -> None:
        self.tokens = tokenise(text, offset, document, defects)
        self.place = 0
        self._depth = 0
        operators = [token for token in self.tokens if token.is_("+", "−", "×", "÷")]
        if len(operators) > MOST_OPERATORS:
            raise too_long(operators[MOST_OPERATORS].at)

    @property
    def token(self) -> Token:
        return self.tokens[self.place]

    @property
    def following(self) -> Token:
        return self.tokens[min(self.place + 1, len(self.tokens) - 1)]

    def take(self) -> Token:
        token = self.token
        self.place = min(self.place + 1, len(self.tokens) - 1)
        return token

    def accept(self, *texts: str) -> Token | None:
        return self.take() if self.token.is_(*texts) else None

    def expect(self, text: str, remedy: str = "", remedy_en: str = "") -> Token:
        if not self.token.is_(text):
            raise self.unexpected(f"“{text}”", remedy or f"补上“{text}”。", remedy_en or f"add “{text}”.")
        return self.take()

    def name(self, what: str) -> Token:
        if self.token.kind != "name":
            raise self.unexpected(what)
        return self.take()

    def unexpected(
        self, expected: str, remedy: str = "照 docs/grammar.md 的写法改。", remedy_en: str = "see docs/grammar.md for the form."
    ) -> Unreadable:
        token = self.token
        return Unreadable(
            "DX201", token.at, expected=expected, found=f"“{token.text}”" if token.text else "到这里就完了", remedy=remedy, remedy_en=remedy_en
        )

    def done(self) -> None:
        if self.token.kind != "end":
            self.nothing_glued()
            raise self.unexpected("到这里结束", *left_over(self.tokens[self.place - 1], self.token, self.following))

    def nothing_glued(self) -> None:
        """Raise Unreadable where the name that was just read has swallowed a boundary word."""
        glued = _glued_word(self.tokens, self.place)
        if glued:
            before, word, token = glued
            raise Unreadable("DX202", token.at, word=word, before=before, found=token.text)

    def span(self, start: Span) -> Span:
        return (start[0], self.tokens[self.place - 1].at[1])


def too_long(at: Span) -> Unreadable:
    """More operators or brackets than anybody signs."""
    return Unreadable(
        "DX201",
        at,
        expected=f"一行不超过 {MOST_OPERATORS} 个运算、{MOST_BRACKETS} 层括号",
        found="太长或套得太深",
        remedy="拆成几个 值。",
        remedy_en="split it into several 值.",
    )


def _glued_word(tokens: list[Token], place: int) -> tuple[str, str, Token] | None:
    """网络零售额超过 1亿元 begins with one unknown name: find the boundary word inside the name before the number."""
    for token in reversed(tokens[: place + 1]):
        if token.kind == "name":
            for word in sorted(PREFIXES, key=len, reverse=True):
                if word in token.text[1:]:
                    cut = token.text.index(word, 1)
                    return token.text[:cut], word, token
            return None
    return None
