"""A SELECT for one variant becomes the SELECT for all of them: every row says which variants it belongs to (升维).

A table that varies carries a column 变·〈轴〉 for each axis it depends on, and no other. Lifting keeps that true: what is joined agrees on the axes
it shares, a window and a GROUP BY look at one variant at a time, and where two parts depend on different axes the one is repeated along the
other's. So the rows of a lifted SELECT at one place of its axes are the rows the SELECT itself would give for that variant, and what depends on no
axis stays as it is, worked out once. The text is read and written by DuckDB's own parser. What cannot be lifted is said (`NotLifted`), never guessed.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

from .relational import Engine, literal

Node = dict[str, Any]
Axes = frozenset[int]
NONE: Axes = frozenset()
_AGGREGATES = frozenset(["count", "count_star", "sum", "min", "max", "bool_or", "bool_and", "string_agg", "array_agg", "any_value", "bit_or", "first", "last", "quantile_disc"])


class NotLifted(Exception):
    """A form that is not lifted; the variants are settled one after the other."""


def axis_column(axis: int) -> str:
    """The column that says at which place of an axis a row stands."""
    return f"变·{axis}"


def value_column(axis: int, place: int) -> str:
    """The column of the table of variants with one number that varies."""
    return f"值·{axis}·{place}"


class Lifter:
    """Lifts the SELECTs of one plan. axes_of: a table's axes (absent: none). names: what a step is called in the database.

    faces: gives the table of the variants along some axes: their 变· columns, each combination once, and the numbers that vary along them.
    values: the number columns of an axis. once: stages a SELECT that does not vary and gives the name of its table.
    """

    def __init__(self, engine: Engine, faces: Callable[[Axes], str], values: Callable[[Axes], list[str]], once: Callable[[str], str]) -> None:
        self.engine, self.faces, self.values, self.once = engine, faces, values, once
        self.axes_of: dict[str, Axes] = {}
        self.names: dict[str, str] = {}
        self._count = 0

    # --- text and tree ------------------------------------------------------------------------------------------------------------

    def tree(self, sql: str) -> Node:
        """A SELECT as the parser sees it."""
        found = json.loads(self.engine.rows(f"SELECT CAST(json_serialize_sql({literal(sql)}) AS VARCHAR)")[0][0])
        if found.get("error") or len(found["statements"]) != 1:
            raise NotLifted(found.get("error_message", "not one SELECT"))
        return self._named(found["statements"][0]["node"])

    def text(self, node: Node) -> str:
        """A tree as SQL."""
        whole = json.dumps({"error": False, "statements": [{"node": node, "named_param_map": []}]}, ensure_ascii=False)
        return str(self.engine.rows(f"SELECT json_deserialize_sql(CAST({literal(whole)} AS JSON))")[0][0])

    def lifted(self, sql: str) -> tuple[str, Axes]:
        """A SELECT lifted, and the axes its rows carry."""
        node = self.tree(sql)
        axes = self.node(node)
        return self.text(node), axes

    def padded(self, sql: str, axes: Axes, wanted: Axes) -> str:
        """A lifted SELECT repeated along more axes."""
        if axes == wanted:
            return sql
        own = [axis_column(axis) for axis in sorted(axes)]
        match = " AND ".join(f'p."{column}" = x."{column}"' for column in own)
        star = f"p.* EXCLUDE ({', '.join(_quoted(own))})" if own else "p.*"
        carried = ", ".join([*(f'p."{column}"' if column in own else f'x."{column}"' for column in (axis_column(axis) for axis in sorted(wanted)))])
        return f'SELECT {star}, {carried} FROM ({sql}) AS p {f"JOIN {_q(self.faces(wanted))} AS x ON {match}" if own else f"CROSS JOIN {_q(self.faces(wanted))} AS x"}'

    def _named(self, tree: Any) -> Any:
        """The names of the database in place of the steps'."""
        for table in _all(tree, "BASE_TABLE"):
            name = table["table_name"]
            if name in self.names:
                table["alias"] = table["alias"] or name
                table["table_name"], table["qualified_name"] = self.names[name], {"path": [self.names[name]]}
        return tree

    # --- queries ------------------------------------------------------------------------------------------------------------------

    def node(self, node: Node) -> Axes:
        """Lift a query in place; its axes, whose columns come last, in order."""
        if node["cte_map"]["map"]:
            raise NotLifted("WITH")
        if node["type"] == "SET_OPERATION_NODE":
            if node["setop_type"] != "UNION" or not node["setop_all"]:
                raise NotLifted(node["setop_type"])
            parts = [self.node(child) for child in node["children"]]
            axes = frozenset().union(*parts)
            node["children"] = [child if part == axes else self._parsed(self.padded(self.text(child), part, axes)) for child, part in zip(node["children"], parts, strict=True)]
            return axes
        if node["type"] != "SELECT_NODE":
            raise NotLifted(node["type"])
        return self._select(node)

    def _parsed(self, sql: str) -> Node:
        found: Node = json.loads(self.engine.rows(f"SELECT CAST(json_serialize_sql({literal(sql)}) AS VARCHAR)")[0][0])["statements"][0]["node"]
        return found

    def _select(self, node: Node) -> Axes:
        node["from_table"], relations = self._from(node["from_table"])
        own = [part for key, part in node.items() if key != "from_table"]
        for inner in [found for found in _all(own, "SUBQUERY") if found.get("class") == "SUBQUERY"]:
            varied = any(self.axes_of.get(table["table_name"]) for table in _all(inner, "BASE_TABLE"))
            if varied or any(call["function_name"] == "varying" for call in _all(inner, "FUNCTION")) or any(_all(inner, "WINDOW")):
                raise NotLifted("a SELECT within an expression")
        calls = [call for call in _all(own, "FUNCTION") if call["function_name"] == "varying"]
        wanted: Axes = frozenset(_argument(call, 0) for call in calls)
        axes: Axes = frozenset().union(*(found for _, found in relations))
        if wanted:
            if not axes and node["from_table"]["type"] == "SUBQUERY":  # all that does not vary, once
                name = self.once(self.text(node["from_table"]["subquery"]["node"]))
                node["from_table"] = _table(name, node["from_table"]["alias"] or self._alias())
                relations = [(node["from_table"]["alias"], NONE)]
            node["from_table"], relations = self._crossed(node["from_table"], relations, axes | wanted)
            face = relations[-1][0]
            for call in calls:
                axis, place = _argument(call, 0), _argument(call, 1)
                alias = call["alias"]
                call.clear()
                call.update(_column(face, value_column(axis, place), alias))
            axes |= wanted
        if not axes:
            return NONE
        self._check(node)
        where = {axis: _column(next(alias for alias, found in relations if axis in found), axis_column(axis)) for axis in sorted(axes)}
        hidden = [axis_column(axis) for axis in sorted(axes)] + (self.values(axes) if wanted else [])
        for item in node["select_list"]:
            if item["class"] == "STAR":
                mine = next((found for alias, found in relations if alias == item["relation_name"]), axes)
                gone = hidden if not item["relation_name"] else [axis_column(axis) for axis in sorted(mine)]
                item["exclude_list"] = [*item["exclude_list"], *gone]
        for window in [found for found in _all(own, "WINDOW") if "partitions" in found]:
            window["partitions"] = [*window["partitions"], *(copy.deepcopy(column) for column in where.values())]
        if node["group_expressions"]:
            places = range(len(node["group_expressions"]), len(node["group_expressions"]) + len(where))
            node["group_expressions"] += [copy.deepcopy(column) for column in where.values()]
            node["group_sets"] = [[*one, *places] for one in node["group_sets"]]
        node["select_list"] += [{**copy.deepcopy(column), "alias": axis_column(axis)} for axis, column in where.items()]
        return axes

    def _check(self, node: Node) -> None:
        if any(modifier["type"] not in ("DISTINCT_MODIFIER",) or modifier.get("distinct_on_targets") for modifier in node["modifiers"]):
            raise NotLifted("ORDER BY, LIMIT")
        if not node["group_expressions"] and any(_is_aggregate(item) for item in node["select_list"]):
            raise NotLifted("a total over everything")

    def _alias(self) -> str:
        self._count += 1
        return f"·{self._count}"

    # --- FROM ---------------------------------------------------------------------------------------------------------------------

    def _from(self, table: Node) -> tuple[Node, list[tuple[str, Axes]]]:
        kind = table["type"]
        if kind == "EMPTY":
            return table, []
        if kind == "BASE_TABLE":
            return table, [(table["alias"] or table["table_name"], self.axes_of.get(table["table_name"], NONE))]
        if kind == "SUBQUERY":
            axes = self.node(table["subquery"]["node"])
            if axes and not table["alias"]:
                table["alias"] = self._alias()
            return table, [(table["alias"], axes)]
        if kind != "JOIN":
            raise NotLifted(kind)
        table["left"], left = self._from(table["left"])
        table["right"], right = self._from(table["right"])
        there, here = (frozenset().union(*(axes for _, axes in side)) for side in (right, left))
        if there:
            if table["join_type"] not in ("LEFT", "INNER") or table["using_columns"]:
                raise NotLifted(f"{table['join_type']} JOIN")
            if there - here and (table["join_type"] == "LEFT" or here):
                table["left"], left = self._crossed(table["left"], left, here | there)
                here |= there
            for axis in sorted(there & here):
                name = axis_column(axis)
                _joined(table, _column(next(alias for alias, axes in left if axis in axes), name), _column(next(alias for alias, axes in right if axis in axes), name))
        elif here and table["join_type"] not in ("LEFT", "INNER"):
            raise NotLifted(f"{table['join_type']} JOIN")
        return table, [*left, *right]

    def _crossed(self, table: Node, relations: list[tuple[str, Axes]], axes: Axes) -> tuple[Node, list[tuple[str, Axes]]]:
        """A FROM joined with the table of the variants along some axes."""
        name, alias = self.faces(axes), self._alias()
        if table["type"] == "EMPTY":
            return _table(name, alias), [(alias, axes)]
        made: Node = {"type": "JOIN", "alias": "", "sample": None, "left": table, "right": _table(name, alias), "condition": None, "join_type": "INNER", "ref_type": "CROSS",
                      "using_columns": [], "delim_flipped": False, "duplicate_eliminated_columns": [], "is_implicit": False}  # fmt: skip
        for axis in sorted(axes):
            for other, own in relations:
                if axis in own:
                    _joined(made, _column(other, axis_column(axis)), _column(alias, axis_column(axis)))
                    break
        return made, [*relations, (alias, axes)]


def _q(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _quoted(names: list[str]) -> list[str]:
    return [_q(name) for name in names]


def _all(tree: Any, kind: str) -> Iterator[Node]:
    """Every part of a tree of one class or type, from the outside in; one that is put in another's place is not looked into."""
    waiting = [tree]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            waiting += part.values()
            if part.get("class") == kind or part.get("type") == kind:
                yield part
        elif isinstance(part, list):
            waiting += part


def _is_aggregate(item: Any) -> bool:
    """Whether an expression adds rows up (a window does not)."""
    if isinstance(item, list):
        return any(_is_aggregate(part) for part in item)
    if not isinstance(item, dict) or item.get("class") in ("WINDOW", "SUBQUERY"):
        return isinstance(item, dict) and item.get("class") == "WINDOW" and _is_aggregate([item["arguments"], item["partitions"]])
    return (item.get("class") == "FUNCTION" and item["function_name"] in _AGGREGATES) or any(_is_aggregate(part) for part in item.values())


def _argument(call: Node, place: int) -> int:
    return int(call["arguments"][place]["expression"]["literal"]["text"])


def _column(table: str, name: str, alias: str = "") -> Node:
    return {"class": "COLUMN_REF", "type": "COLUMN_REF", "alias": alias, "column_names": [table, name]}


def _table(name: str, alias: str) -> Node:
    return {"type": "BASE_TABLE", "alias": alias, "sample": None, "schema_name": "", "table_name": name, "column_name_alias": [], "catalog_name": "", "at_clause": None,
            "qualified_name": {"path": [name]}}  # fmt: skip


def _joined(join: Node, left: Node, right: Node) -> None:
    """One more column on which both sides agree."""
    equal = {"class": "COMPARISON", "type": "COMPARE_EQUAL", "alias": "", "left": left, "right": right}
    join["ref_type"] = "REGULAR"
    join["condition"] = equal if join["condition"] is None else {"class": "CONJUNCTION", "type": "CONJUNCTION_AND", "alias": "", "children": [join["condition"], equal]}
