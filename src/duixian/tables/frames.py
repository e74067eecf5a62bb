"""Facts and ledger of the interpreter → columns of the SQL engines (values/frames.py). Nothing is lost, nothing is changed: it fits or is refused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING, Any

from ..policy.bounds import default_bounds
from ..policy.keys import keys_twice
from ..policy.model import Policy
from ..policy.vocabulary import CLAIM, Fact
from ..values.diagnostic import Defects, Diagnostic, Place
from ..values.facts import NONE, Facts, Paid, Period
from ..values.frames import APPLIED, CLAIMS, KEY, LATEST, LEDGER, UNLISTED, Column, Frame, Frames, column_name, table_name
from ..values.money import Exact, decimal_text, exact
from ..values.terms import OUTSIDE
from ..values.units import unit_factor
from .layout import facts_of

if TYPE_CHECKING:
    import pyarrow

AWARD = "奖补"
STATED_KEY = "键·"  # before the name of a scope key a ledger row states itself
MOST_SHOWN = 5  # defects shown a column; the rest is counted
_WIDEST = 2**63
_KINDS: dict[str, tuple[type, ...]] = {
    "number": (int, Fraction), "truth": (bool,), "date": (date,), "year": (int,), "text": (str,), "option": (str,), "object": (str,),
}  # fmt: skip
_WORDS = {"number": ("数（整数或分数）", "a number, int or Fraction"), "truth": ("是、否（布尔值）", "a bool"), "date": ("日期", "a date"),
          "year": ("年份（整数）", "a year, int")}  # fmt: skip


def frames_of(facts: Facts, ledger: Iterable[Paid], policy: Policy) -> tuple[Frames, dict[str, pyarrow.Table]]:
    """The tables of some facts and a ledger, and what they are.

    Grain: 对象·〈类型〉 one row an object, by ascending key; 申报 one row a claim that states something; 台账 one row a payment, in its order.
    Money is held in 分, ratios as whole numbers over `Column.scale`; NULL is unknown, 无 is NULL with its mark true. A column is there where any row
    states it. Raises Defects where a value is not of its kind (DT171), beyond its bounds (DT170) or too wide for 64 bits (DT172), or a key is there twice (DT141).
    """
    defects = keys_twice(facts, policy.vocabulary)
    frames = Frames(listed=frozenset(facts.listed))
    tables: dict[str, pyarrow.Table] = {}
    there = {kind for kind, things in facts.things.items() if things} | (facts.listed - {OUTSIDE})
    for kind in [*(name for name in policy.vocabulary.objects if name in there), *sorted(there - policy.vocabulary.objects.keys())]:
        things = list(facts.all(kind))
        declared = {fact.name: fact for fact in facts_of(policy, kind)} if kind in policy.vocabulary.objects else {}
        frame = Frame(table_name(kind))
        lead = {KEY: [thing.key for thing in things]}
        tables[frame.name] = _table(frame, lead, [thing.values for thing in things], [f"{kind} {thing.key}" for thing in things], declared, defects)
        frames.objects[kind] = frame
    claims = sorted(key for key, values in facts.claims.items() if any(value is not None for value in values.values()))
    lead = {AWARD: [award for award, _ in claims], KEY: [key for _, key in claims]}
    declared = claim_facts(policy)
    tables[CLAIMS] = _table(frames.claims, lead, [facts.claims[key] for key in claims], [f"{CLAIM} {a} {k}" for a, k in claims], declared, defects)
    tables[LEDGER] = _ledger(frames, list(ledger), defects)
    if facts.applied is not None:
        frames.applied = True
        tables[APPLIED] = _texts((AWARD, KEY), sorted(facts.applied))
    if facts.unlisted:
        frames.unlisted = True
        tables[UNLISTED] = _texts(("父类", "父标识", "子类"), sorted(facts.unlisted))
    if defects:
        raise Defects(defects)
    return frames, tables


def check_facts(facts: Facts, policy: Policy) -> None:
    """What `frames_of` refuses of facts whatever engine reads them: a value not of its kind (DT171), beyond its bounds (DT170), a key twice (DT141).

    Raises Defects.
    """
    defects = keys_twice(facts, policy.vocabulary)
    for kind in facts.things:
        declared = {fact.name: fact for fact in facts_of(policy, kind)} if kind in policy.vocabulary.objects else {}
        things = list(facts.all(kind))
        _check_rows([thing.values for thing in things], [f"{kind} {thing.key}" for thing in things], declared, defects)
    claims = sorted(facts.claims)
    _check_rows([facts.claims[key] for key in claims], [f"{CLAIM} {award} {key}" for award, key in claims], claim_facts(policy), defects)
    if defects:
        raise Defects(defects)


def _check_rows(rows: Sequence[dict[tuple[str, Period], Any]], names: list[str], declared: dict[str, Fact], defects: list[Diagnostic]) -> None:
    stated: dict[tuple[str, Period], dict[int, Any]] = {}
    for number, values in enumerate(rows):
        for column, value in values.items():
            fact = declared.get(column[0])
            if value is not None and value is not NONE and fact is not None:
                fits = _is_kind(value, fact.kind) and (fact.low is None or fact.high is None or fact.low <= value <= fact.high)
                if not fits:
                    stated.setdefault(column, {})[number] = value
    for key in in_column_order(stated, declared):
        found = _Complaints(key[0] if key[1] is None else column_name(*key), names, defects)
        _complain(found, stated[key], declared[key[0]].kind, declared[key[0]])
        found.close()


def claim_facts(policy: Policy) -> dict[str, Fact]:
    """The facts of a claim by name; 其他政策已付 among them in any case."""
    low, high = default_bounds("金额")
    return {OUTSIDE: Fact(OUTSIDE, "number", "金额", "元", False, "台账", low=low, high=high), **policy.vocabulary.objects[CLAIM].facts}


def in_column_order(columns: Iterable[tuple[str, Period]], declared: Iterable[str]) -> list[tuple[str, Period]]:
    """Columns by the order of the vocabulary, then by period; facts the vocabulary does not have come last."""
    place = {name: number for number, name in enumerate(declared)}
    return sorted(columns, key=lambda column: (place.get(column[0], len(place)), column[0], _period_order(column[1])))


def _period_order(period: Period) -> tuple[int, str]:
    return (0, "") if period is None else (1, str(period)) if isinstance(period, int) else (2, f"{period[0]}{period[1]}")


# --- one table ---------------------------------------------------------------------------------------------------------------------------


def _table(frame: Frame, lead: dict[str, list[str]], rows: Sequence[dict[tuple[str, Period], Any]], names: list[str], declared: dict[str, Fact],
           defects: list[Diagnostic]) -> pyarrow.Table:  # fmt: skip
    """The leading text columns and one column a (fact, period) that any row states. names: what each row is called in a message."""
    import pyarrow as arrow

    frame.rows = len(rows)
    stated: dict[tuple[str, Period], dict[int, Any]] = {}
    for number, values in enumerate(rows):
        for column, value in values.items():
            if value is not None:
                stated.setdefault(column, {})[number] = value
    fields: dict[str, Any] = {name: arrow.array(words, arrow.string()) for name, words in lead.items()}
    taken = {name.casefold() for name in fields}
    for key in in_column_order(stated, declared):
        column, stored = _column(key, stated[key], names, declared.get(key[0]), defects)
        if column is None:
            continue
        if column.name.casefold() in taken:
            clash = {"subject": f"“{column.name}”", "subject_en": f"“{column.name}”", "expected": "另一个名称", "expected_en": "another name"}
            defects.append(Diagnostic("DT171", (Place(frame.name),), {**clash, "found": "与表的另一列同名"}))
            continue
        taken.add(column.name.casefold())
        frame.columns[key] = column
        fields[column.name] = arrow.array([stored.get(number) for number in range(len(rows))], _arrow_type(column.kind, arrow))
        if column.has_none:
            none = {number for number, value in stated[key].items() if value is NONE}
            fields[column.none_name] = arrow.array([number in none for number in range(len(rows))], arrow.bool_())
    return arrow.table(fields)


def _arrow_type(kind: str, arrow: Any) -> Any:
    return {"number": arrow.int64(), "year": arrow.int64(), "truth": arrow.bool_(), "date": arrow.date32()}.get(kind, arrow.string())


def _column(key: tuple[str, Period], stated: dict[int, Any], names: list[str], fact: Fact | None,
            defects: list[Diagnostic]) -> tuple[Column | None, dict[int, Any]]:  # fmt: skip
    """One column and what it stores by row; None where a value does not fit (reported)."""
    name, period = key
    values = {number: value for number, value in stated.items() if value is not NONE}
    kind = fact.kind if fact is not None else _kind_of(values.values())
    found = _Complaints(name if period is None else column_name(name, period), names, defects)
    if not _complain(found, values, kind, fact):
        found.close()
        return None, {}
    low, high = (fact.low, fact.high) if fact is not None else (None, None)
    scale = 1
    if kind == "number":
        scale = scale_of(values.values())
        for number, value in values.items():
            stored = values[number] = int(value * scale)
            if not -_WIDEST <= stored < _WIDEST:
                found.add("DT172", number, scale=scale, found=decimal_text(value))
    found.close()
    if found.count:
        return None, {}
    ends = (0, 0)
    if kind in ("number", "year"):  # a fact the vocabulary does not have is bounded by what is there
        ends = (
            stored_bounds(low, high, scale)
            if low is not None and high is not None
            else (min(values.values(), default=0), max(values.values(), default=0))
        )
    years = [value if kind == "year" else value.year for value in values.values()] if kind in ("year", "date") else []
    least = min(years, default=latest(kind, ends[1]))  # loops over years begin here
    found_ends = (min(values.values(), default=0), max(values.values(), default=0)) if kind == "number" else None
    return Column(name, period, kind, scale, *ends, len(stated) < len(names), len(values) < len(stated), least, found_ends), values


def latest(kind: str, high: int) -> int | None:
    """The latest year a year or day column may hold, by the bound the column declares; None for other kinds."""
    return {"year": high, "date": LATEST}.get(kind)


def _complain(found: _Complaints, values: dict[int, Any], kind: str, fact: Fact | None) -> bool:
    """Report the values of a column that are not of its kind, else those beyond its bounds; whether all are of its kind."""
    for number, value in values.items():
        if not _is_kind(value, kind):
            zh, en = _WORDS.get(kind, ("文字", "text"))
            found.add("DT171", number, expected=zh, expected_en=en, found=f"{value!r}（{type(value).__name__}）")
    if found.count:
        return False
    if fact is not None and fact.low is not None and fact.high is not None:
        for number, value in values.items():
            if not fact.low <= value <= fact.high:
                found.add("DT170", number, **bounds_text(fact.low, fact.high, fact.unit), found=amount_text(value, fact.unit))
    return True


def _kind_of(values: Iterable[Any]) -> str:
    """The kind of a fact the vocabulary does not have, by its first value."""
    first = next(iter(values), "")
    return next((kind for kind in ("truth", "number", "date") if _is_kind(first, kind)), "text")


def _is_kind(value: Any, kind: str) -> bool:
    return value.__class__ in _KINDS[kind]  # by class: a truth is no number, a moment is no date


def scale_of(values: Iterable[Exact]) -> int:
    """The least power of ten that makes every value whole; the common denominator where no power of ten does."""
    common = lcm(*(value.denominator for value in values))
    rest, twos, fives = common, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    return 10 ** max(twos, fives) if rest == 1 else common


def stored_bounds(low: Exact, high: Exact, scale: int) -> tuple[int, int]:
    """Declared bounds as stored: the whole numbers within them."""
    return -int(-low * scale // 1), int(high * scale // 1)


def amount_text(value: Exact, unit: str) -> str:
    """A value in base units for people, in the unit of its fact."""
    return decimal_text(exact(Fraction(value) / unit_factor(unit)) if unit else value) + unit


def bounds_text(low: Exact, high: Exact, unit: str) -> dict[str, str]:
    """Bounds for people, expected and expected_en of a defect: 0元至1000000000000元, 0元 to 1000000000000元."""
    least, most = amount_text(low, unit), amount_text(high, unit)
    return {"expected": f"{least}至{most}", "expected_en": f"{least} to {most}"}


class _Complaints:
    """The defects of one column: the first few in full, the rest counted."""

    def __init__(self, column: str, names: list[str], defects: list[Diagnostic]) -> None:
        self.column, self.names, self.defects = column, names, defects
        self.count = 0

    def add(self, code: str, number: int, **details: Any) -> None:
        self.count += 1
        if self.count <= MOST_SHOWN:
            subject = {"subject": f"“{self.column}”", "subject_en": f"“{self.column}”"}
            self.defects.append(Diagnostic(code, (Place(self.names[number]),), {**subject, **details}))

    def close(self) -> None:
        if self.count > MOST_SHOWN:
            more = {"found": self.column, "more": self.count - MOST_SHOWN, "more_en": self.count - MOST_SHOWN, "shown": MOST_SHOWN}
            self.defects.append(Diagnostic("DT173", (Place(self.names[0].split(" ")[0]),), more))


# --- the ledger, lists -------------------------------------------------------------------------------------------------------------------


def _texts(names: Sequence[str], rows: Sequence[tuple[str, ...]]) -> pyarrow.Table:
    import pyarrow as arrow

    return arrow.table({name: arrow.array([row[place] for row in rows], arrow.string()) for place, name in enumerate(names)})


def _ledger(frames: Frames, ledger: list[Paid], defects: list[Diagnostic]) -> pyarrow.Table:
    """台账: 序 奖补 年度 标识 金额 文件 受益人 档 档位标准, and 键·〈名称〉 for every key a row states."""
    import pyarrow as arrow

    frames.ledger_rows = len(ledger)
    years: dict[str, set[int]] = {}
    for number, entry in enumerate(ledger):
        years.setdefault(entry.award, set()).add(entry.year)
        for name, value in (("年度", entry.year), ("金额", entry.amount_fen), ("档位标准", entry.standard_fen)):
            if value is not None and (value.__class__ is not int or not -_WIDEST <= value < _WIDEST):
                subject = {"subject": f"{LEDGER}的{name}", "subject_en": f"{name} of the ledger"}
                expected = {"expected": "64 位以内的整数", "expected_en": "an int within 64 bits"}
                where = Place(f"{LEDGER} 第 {number + 1} 笔 {entry.award} {entry.object_key}")
                defects.append(Diagnostic("DT171", (where,), {**subject, **expected, "found": repr(value)}))
    if defects:
        return arrow.table({})
    frames.ledger_years = {award: tuple(sorted(found)) for award, found in sorted(years.items())}
    frames.ledger_keys = tuple(sorted({name for entry in ledger for name, _ in entry.keys}))
    stated = [dict(entry.keys) for entry in ledger]
    return arrow.table({
        "序": arrow.array(range(len(ledger)), arrow.int64()),
        AWARD: arrow.array([entry.award for entry in ledger], arrow.string()),
        "年度": arrow.array([entry.year for entry in ledger], arrow.int64()),
        KEY: arrow.array([entry.object_key for entry in ledger], arrow.string()),
        "金额": arrow.array([entry.amount_fen for entry in ledger], arrow.int64()),
        "文件": arrow.array([entry.document for entry in ledger], arrow.string()),
        "受益人": arrow.array([entry.recipient for entry in ledger], arrow.string()),
        "档": arrow.array([entry.tier for entry in ledger], arrow.string()),
        "档位标准": arrow.array([entry.standard_fen for entry in ledger], arrow.int64()),
        **{STATED_KEY + name: arrow.array([keys.get(name) for keys in stated], arrow.string()) for name in frames.ledger_keys},
    })  # fmt: skip
