"""合计, 个数, 占比, 最大, 最小 over a list: one grouped SELECT a list and parent, joined to the object it belongs to.

What is sure is summed; what is not known makes the result unknown, with the bounds that the sure part gives it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..policy.render import phrase
from ..policy.resolve import Hop, resolve_path
from ..policy.syntax import Aggregate
from ..values.frames import KEY, UNLISTED, column_name, number_name, table_name
from ..values.terms import Waits
from .place import Place
from .query import Query
from .reads import Reads
from .sql import Sql, fits, joined, number, opens, quoted, sure, text, when


class Uncompiled(Exception):
    """A form the plan does not have: which, and why."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}：{why}")
        self.what, self.why = what, why


def aggregate(plan: Reads, node: Aggregate, place: Place, year: int) -> Sql:
    """An aggregate of what belongs to the object in scope, or to what a path leads to."""
    *way, last = resolve_path(plan.policy, place.rule, place.kind, node.path)
    assert last.role == "children" and last.fact is not None
    start = plan.follow(way, place, year) if way else plan.own(place)
    if start.row is None:
        return replace(start, kind="number", sql="CAST(NULL AS BIGINT)")
    parent = Place(place.query, start.row, place.rule, own=False)
    open_list, open_why = _open_list(plan, last, parent, year)
    frame = plan.frames.objects.get(last.kind)
    column = frame.find(last.name, year if last.fact.yearly else None) if frame else None
    rows = frame.rows if frame else 0  # what there is bounds what a list comes to
    if frame is None or column is None or not rows:
        count = taken = doubtful = "0"
        of: Sql | None = None
        used: list[Sql] = []
        where_why = of_why = total = least = negative = ""
    else:
        alias = parent.query.alias(f"{start.row.alias}/{last.kind}/{column.name}")
        child = parent.query.children.get(alias)
        if child is None:
            source = f"(SELECT *, {text(last.kind)} AS {quoted('种类')} FROM {quoted(table_name(last.kind))})"
            own = f"{parent.query.row.alias}{len(parent.query.children) + 1}"  # a name of its own: an engine would take one from outside
            child = Query(source, plan.base(last.kind, own, exact=True))
            owner, same = (number_name(column.name), start.row.number) if start.row.number else (column.name, start.row.key)
            child.take(own, owner, "")
            child.selects["归属"] = quoted(owner)
            child.group = quoted(owner)
            child.where.append(f"{own}.{quoted(owner)} IS NOT NULL")
            parent.query.children[alias] = child
            if start.row is parent.query.row and start.row.number:
                parent.query.lists[alias] = f"{own}.{quoted(owner)}"
            parent.query.join(alias, f"LEFT JOIN $child$ AS {alias} ON {alias}.{quoted('归属')} = {same}")
        inside = Place(child, child.row, place.rule, place.label, own=False)
        label = phrase(node)
        where = plan.named_let(plan.condition(node.where, inside, year), inside, label + "·其中") if node.where else None
        of = plan.named_let(plan.lower(node.of, inside, year), inside, label + "·各") if node.of else None
        if of is not None and of.over:
            raise Uncompiled(label, "逐项相除以后再合计，分母各不相同")

        def give(sql: str, what: str, *, reason: bool = False) -> str:
            known = child.selects_reasons if reason else child.selects
            name = next((name for name, other in known.items() if other == sql), None)
            if name is None:
                name = f"聚{len(child.selects) + len(child.selects_reasons)}"
                known[name] = sql
            return parent.query.expose(f"{alias}.{quoted(name)}", start.row.prefix + label + "·" + what) if not reason else _reason(parent.query, f"{alias}.{quoted(name)}", start.row.prefix + label + "·" + what)

        sure = where.sql if where is not None and where.sql != "TRUE" else ""
        only = f" FILTER (WHERE {sure})" if sure else ""
        count = f"COALESCE({give('COUNT(*)', '全部')}, 0)"
        taken = f"COALESCE({give('COUNT(*)' + only, '计入')}, 0)" if sure else count
        doubtful = f"COALESCE({give(f'COUNT(*) FILTER (WHERE ({sure}) IS NULL)', '未定')}, 0)" if sure and where is not None and where.why else "0"
        where_why = give(f"string_agg({where.why}, '')", "其中缺", reason=True) if where is not None and where.why else ""
        used = [_used(part, rows_of, lambda asked, of_these=of_these: f"COALESCE({give(f'COUNT(*) FILTER (WHERE {of_these}({asked}))', '用待定数')}, 0)")
                for part, rows_of, of_these in ((where, count, ""), (of, taken, f"({sure}) AND " if sure else "")) if part is not None]  # fmt: skip
        total = least = negative = of_why = ""
        if of is not None:
            unknown_of = of.is_unknown if of.why else ""
            if unknown_of:
                in_sure = f"({sure}) AND " if sure else ""
                doubtful_of = give(f"COUNT(*) FILTER (WHERE {in_sure}{unknown_of})", "缺数")
                doubtful = f"({doubtful} + COALESCE({doubtful_of}, 0))" if doubtful != "0" else f"COALESCE({doubtful_of}, 0)"
                of_why = give(f"string_agg({when(sure or 'TRUE', of.why)}, '')", "缺项", reason=True)
            if node.function == "合计":
                added = f"narrow(SUM({of.sql}){only})" if not of.wide and fits(*_span(of, rows)) else f"SUM(wide({of.sql})){only}"
                total = f"COALESCE({give(added, '和')}, 0)"
                if of.low < 0:
                    negative = f"COALESCE({give(f'MIN({of.sql}){only}', '最小项')}, 0) < 0"
            elif node.function in ("最大", "最小"):
                least = give(f"{'MAX' if node.function == '最大' else 'MIN'}({of.sql}){only}", "极值")
    waiting = f"({open_list} OR {doubtful} > 0)" if doubtful != "0" and open_list != "FALSE" else open_list if doubtful == "0" else f"({doubtful} > 0)"
    why = joined([open_why, where_why and f"COALESCE({where_why}, '')", of_why and f"COALESCE({of_why}, '')"])
    known = f"({start.sql}) IS NOT NULL"
    if way:
        why = joined([start.why, when(known, why)])
    result = _result(node.function, count, taken, doubtful, total, least, negative, of, waiting, open_list, rows)
    if way:

        def guard(sql: str) -> str:
            return f"CASE WHEN {known} THEN {sql} END"

        none = f"({known} AND {result.none})" if result.none else ""
        none = f"({start.none} OR {none})" if start.none and none else start.none or none
        result = replace(result, sql=guard(result.sql), constant=None, none=none,
                         floor=replace(result.floor, sql=guard(result.floor.sql)) if result.floor else None,
                         ceiling=replace(result.ceiling, sql=guard(result.ceiling.sql)) if result.ceiling else None)  # fmt: skip
    return replace(result, why=why, **opens(*used))


def _used(part: Sql, rows: str, rows_asking: Callable[[str], str]) -> Sql:
    """Of what is asked of the rows of a list: its open numbers, each used where there is a row that asks for it."""

    def by_list(keys: frozenset[Any]) -> frozenset[Any]:
        return frozenset((item, tier, f"{rows_asking(asked) if asked else rows} > 0") for item, tier, asked in keys)

    return replace(part, opened=by_list(part.opened), adjust=by_list(part.adjust))


def _reason(query: Query, sql: str, name: str) -> str:
    """A column of an aggregate that only explains."""
    return query.expose_reason(sql, name)


def _open_list(plan: Reads, hop: Hop, parent: Place, year: int) -> tuple[str, str]:
    """Whether the list may be incomplete, and the text of what is missing then."""
    assert hop.fact is not None
    conditions, whys = [], []
    period = year if hop.fact.yearly else None
    frame = plan.frames.objects.get(hop.kind)
    column = frame.find(hop.name, period) if frame else None
    query = parent.query
    if frame is not None and frame.rows and (column is None or column.has_unknown):
        alias = query.alias(f"loose/{hop.kind}/{column_name(hop.name, period)}")
        loose = "TRUE" if column is None else f"{quoted(column.name)} IS NULL" + (f" AND NOT {quoted(column.none_name)}" if column.has_none else "")
        said = plan.said(Waits.APPLICANT, text(hop.kind), quoted(KEY), hop.name, period)
        query.join(alias, f"CROSS JOIN (SELECT COUNT(*) AS n, string_agg({said}, '') AS why FROM {quoted(table_name(hop.kind))} WHERE {loose}) AS {alias}")
        conditions.append(f"{query.expose(f'{alias}.n', f'无归属的{hop.kind}')} > 0")
        whys.append(f"COALESCE({query.expose_reason(f'{alias}.why', f'无归属的{hop.kind}·缺')}, '')")
    unlisted = []
    if plan.frames.unlisted:
        alias = query.alias(f"unlisted/{parent.row.alias}/{hop.kind}")
        owner, same = (number_name("父标识"), parent.row.number) if parent.row.number else ("父标识", parent.row.key)
        query.join(alias, f"LEFT JOIN (SELECT DISTINCT {quoted(owner)}, {quoted('父类')} FROM {quoted(UNLISTED)} WHERE {quoted('子类')} = {text(hop.kind)}) AS {alias} "
                          f"ON {alias}.{quoted(owner)} = {same} AND {alias}.{quoted('父类')} = {parent.row.kind_sql}")  # fmt: skip
        mark = query.expose(alias + "." + quoted(owner), f"{parent.row.prefix}{hop.kind}清单不全")
        unlisted.append(f"{mark} IS NOT NULL")
    if hop.kind not in plan.frames.listed:
        if frame is None or column is None or not frame.rows:
            unlisted.append("TRUE")
        else:
            alias = query.alias(f"any/{parent.row.alias}/{hop.kind}/{column.name}")
            owner, same = (number_name(column.name), parent.row.number) if parent.row.number else (column.name, parent.row.key)
            query.join(alias, f"LEFT JOIN (SELECT DISTINCT {quoted(owner)} AS parent FROM {quoted(table_name(hop.kind))}) AS {alias} ON {alias}.parent = {same}")
            unlisted.append(f"{query.expose(f'{alias}.parent', f'{parent.row.prefix}有{hop.kind}')} IS NULL")
    if unlisted:
        condition = " OR ".join(unlisted) if "TRUE" not in unlisted else "TRUE"
        conditions.append(f"({condition})" if len(unlisted) > 1 else condition)
        whys.append(when(conditions[-1], plan.record(parent, hop.kind + "清单", year)))
    if "TRUE" in conditions:
        return "TRUE", joined(whys)
    return ("(" + " OR ".join(conditions) + ")" if len(conditions) > 1 else conditions[0] if conditions else "FALSE"), joined(whys)


def _span(of: Sql, rows: int) -> tuple[int, int]:
    """The least and the greatest that up to so many numbers come to."""
    return min(0, of.low * rows), max(0, of.high * rows)


def _result(function: str, count: str, taken: str, doubtful: str, total: str, least: str, negative: str, of: Any, waiting: str, open_list: str, rows: int) -> Sql:
    never = waiting == "FALSE"

    def guarded(sql: str) -> str:
        return sql if never else f"CASE WHEN {waiting} THEN NULL ELSE {sql} END"

    if function == "个数":
        found = Sql("number", guarded(taken), low=0, high=rows)
        floor = Sql("number", taken, low=0, high=rows)
        top = taken if doubtful == "0" else f"({taken} + {doubtful})"
        ceiling = Sql("number", top if open_list == "FALSE" else f"CASE WHEN NOT {open_list} THEN {top} END", low=0, high=rows) if open_list != "TRUE" else None
        return sure(found) if never else replace(found, floor=floor, ceiling=ceiling)
    if function == "占比":
        empty = f"({count} = 0 AND NOT {open_list})" if open_list != "FALSE" else f"({count} = 0)"
        found = Sql("number", f"CASE WHEN {waiting} OR {count} = 0 THEN NULL ELSE {taken} END", over=count, low=0, high=rows, over_high=rows, none=f"({empty} AND NOT {waiting})" if not never else empty)
        if never or open_list == "TRUE":
            return found
        known = f"NOT {open_list} AND {count} > 0" if open_list != "FALSE" else f"{count} > 0"
        top = taken if doubtful == "0" else f"({taken} + {doubtful})"
        return replace(found, floor=replace(found, sql=f"CASE WHEN {known} THEN {taken} END", none=""), ceiling=replace(found, sql=f"CASE WHEN {known} THEN {top} END", none=""))
    if function == "合计":
        if not total or of is None:
            return replace(number(0), sql=guarded("CAST(0 AS BIGINT)"), constant=None if not never else 0, floor=None if never else number(0))
        low, high = _span(of, rows)
        found = Sql("number", guarded(total), den=of.den, low=low, high=high, wide=of.wide or not fits(low, high))
        if never:
            return sure(found)
        bottom = f"CASE WHEN NOT ({negative}) THEN {total} END" if negative else total
        return replace(found, floor=replace(found, sql=bottom))
    if not least or of is None:
        return Sql("number", "CAST(NULL AS BIGINT)", none=f"NOT ({waiting})" if not never else "TRUE")
    found = Sql("number", guarded(least), den=of.den, low=of.low, high=of.high, wide=of.wide,
                none=f"({least} IS NULL)" if never else f"(NOT {waiting} AND {least} IS NULL)")  # fmt: skip
    if never:
        return found
    side = replace(found, sql=least, none="")
    return replace(found, floor=side) if function == "最大" else replace(found, ceiling=side)
