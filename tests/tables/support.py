"""Workbooks made cell by cell, for tests that try to break the reader."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
import xlsxwriter
from stdnum.cn import uscc

from duixian.policy.load import load_policy
from duixian.policy.model import Policy
from duixian.tables.read import Tables, read_tables
from duixian.values.diagnostic import Defects, Diagnostic
from duixian.values.messages import MESSAGES

ROOT = Path(__file__).resolve().parents[2] / "policies"
YEAR = 2025
Rows = Sequence[Sequence[Any]]


@cache
def policy_of(name: str = "jinyun-2025") -> Policy:
    policy, defects = load_policy(ROOT / name)
    assert not [item for item in defects if item.is_error]
    return policy


@cache
def code(number: int) -> str:
    """The number-th credit code that passes the check."""
    body = f"91331122MA{number:07d}"
    return body + str(uscc.calc_check_digit(body))


FIRM = ("统一社会信用代码", "名称", "主体类型")


def firm(number: int, *more: Any) -> tuple[Any, ...]:
    return (code(number), f"演示{number}公司", "企业", *more)


def book(path: Path, sheets: dict[str, Rows], options: dict[str, Any] | None = None) -> Path:
    """A workbook with these cells, each as its Python type; None is blank."""
    made = xlsxwriter.Workbook(
        str(path), {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False, "nan_inf_to_errors": True, **(options or {})}
    )
    day = made.add_format({"num_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        page = made.add_worksheet(name)
        for row, cells in enumerate(rows):
            for column, value in enumerate(cells):
                if value is None:
                    continue
                if isinstance(value, str):
                    page.write_string(row, column, value)
                elif hasattr(value, "year"):
                    page.write_datetime(row, column, value, day)
                else:
                    page.write(row, column, value)
    made.close()
    return path


def read(*paths: Path, policy: str = "jinyun-2025", year: int = YEAR) -> Tables:
    return read_tables(paths, policy_of(policy), year)


def defects_of(*paths: Path, policy: str = "jinyun-2025", year: int = YEAR) -> list[Diagnostic]:
    """What is refused; a file that is read after all fails the test."""
    with pytest.raises(Defects) as refused:
        read(*paths, policy=policy, year=year)
    for item in refused.value.diagnostics:
        for words in (*MESSAGES[item.code].zh, *MESSAGES[item.code].en):
            missing = {name for _, name, _, _ in Formatter().parse(words) if name} - set(item.details)
            assert not missing, f"{item.code} says {words!r} but is not told {missing}"
    return refused.value.diagnostics


def only(defects: list[Diagnostic]) -> Diagnostic:
    assert len(defects) == 1, "\n".join(item.render() for item in defects)
    return defects[0]


def cell(path: Path, header: str, value: Any, **more: Any) -> list[Diagnostic]:
    """The defects of one value under one header of 企业."""
    return defects_of(book(path, {"企业": [(*FIRM, header), firm(1, value)]}), **more)


def value(path: Path, header: str, raw: Any, name: str, period: Any = YEAR, **more: Any) -> Any:
    """The value of one cell under one header of 企业."""
    tables = read(book(path, {"企业": [(*FIRM, header), firm(1, raw)], "园区": [("园区编号",), ("P1",)]}), **more)
    thing = tables.facts.find("企业", code(1))
    assert thing is not None
    return thing.values.get((name, period))


def repacked(source: Path, target: Path, change: dict[str, bytes], more: dict[str, bytes] | None = None) -> Path:
    """The archive with some parts replaced and some added."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            new.writestr(item.filename, change.get(item.filename, old.read(item.filename)))
        for name, data in (more or {}).items():
            new.writestr(name, data)
    return target
