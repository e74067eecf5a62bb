"""The project's own engines in the peers' benchmark: the same policy files, compiled, on DuckDB and on Spark."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
YEAR = 2025
JINYUN, ZIBO = "jinyun-2025", "zibo-2022"
RULES = {JINYUN: ("引进企业奖励", "场地租金补助", "展位费补助", "平台费用补助"), ZIBO: ("流量补贴", "自播奖励", "生产企业佣金补助", "MCN机构奖励")}
SHOP = "新注册店铺奖励"
READY = "读·"  # before the name of an object type: its table with relations followed and lists added up
READINGS = {"超总额办法": "按比例核减", "同一销售额": "就高"}


class Compiled:
    """Both founding policies, compiled: tables read once, then the rules or the whole settlement again and again."""

    name = "duixian (DuckDB)"

    def __init__(self, *, reasons: bool = False, memory: str | None = None, threads: int | None = None) -> None:
        from duixian.policy.load import load_policy
        from duixian.policy.year_file import load_standards

        self.reasons, self.memory, self.threads = reasons, memory, threads
        self.policies = {name: load_policy(ROOT / "policies" / name)[0] for name in (JINYUN, ZIBO)}
        self.standards = {name: load_standards(policy.folder / f"standards-{YEAR}.md", policy, YEAR, []) for name, policy in self.policies.items()}
        self.engines: dict[str, Any] = {}
        self.frames: dict[str, Any] = {}
        self.inputs: Any = None
        self.made = False
        self.placed: dict[tuple[str, bool], Any] = {}

    def prepare(self, inputs: Any, rows: int | None = None, *, only: str = "") -> None:
        """Read the files of both policies (or of one) into columns."""
        from duixian.engine.duck_engine import DuckEngine
        from duixian.tables.columnar import open_frames
        from duixian.tables.numbers import number_tables

        self.inputs = inputs
        for name, policy in self.policies.items():
            if only and name != only:
                continue
            engine = self.engines[name] = DuckEngine(memory_limit=self.memory, threads=self.threads)
            self.frames[name] = open_frames(engine.connection, list(inputs.tables(name)), policy, YEAR)
            number_tables(engine.connection, self.frames[name], policy)

    def _bound(self, name: str, choices: dict[str, str]) -> tuple[Any, Any]:
        from duixian.engine.compiled import fixed_of
        from duixian.policy.readings import bind

        bound = bind(self.policies[name], {**self.standards[name].choices, **choices})
        return bound, fixed_of(bound, self.standards[name])

    def rules(self) -> dict[str, Any]:
        """The eight awards as columns, each with the numbers of its objects; child sums are made first."""
        return self._amounts("")

    def ready(self) -> dict[str, Any]:
        """The same over one table an object type with relations followed and lists added up, made the first time: what the peers are handed."""
        found = self._amounts(READY if self.made else "", make=not self.made)
        self.made = True
        return found

    def _amounts(self, ready: str, *, make: bool = False) -> dict[str, Any]:
        from duixian.plan.build import amounts_of

        found: dict[str, Any] = {}
        for name, awards in RULES.items():
            bound, fixed = self._bound(name, {})
            engine = self.engines[name]
            for kind, (sql, read) in amounts_of(bound, self.frames[name], self.standards[name], YEAR, fixed, awards, ready).items():
                if make:
                    engine.stage(f"{READY}{kind}", read)
                listed = ", ".join(f'"{column}"' for column in ("标识·号", *awards))
                table = engine.arrow(f"SELECT {listed} FROM ({sql})")
                found |= {award: (name, table["标识·号"], table[award]) for award in awards}
        return found

    def full(self) -> dict[str, Any]:
        """The whole settlement of both policies; what is paid, by award and number of the object."""
        from pyarrow import compute

        from duixian.engine.compiled import run
        from duixian.plan.claim import PAYABLE

        found = {}
        for name, awards in RULES.items():
            engine = self.engines[name]
            result = run(self.policies[name], YEAR, self.frames[name], engine, self.standards[name], READINGS if name == ZIBO else {}, reasons=self.reasons, owned=False)
            wanted = {place: award for place, award in result.plan.awards.items() if award in (*awards, SHOP)}
            last = [step.name for step in result.plan.steps if step.name.startswith("总额·")][-1]
            paid = f'SELECT "序", "标识·号", "核减后" FROM "{last}" WHERE "序" IN ({", ".join(map(str, wanted))}) AND "状态" = {PAYABLE} AND "核减后" > 0'
            table = engine.arrow(result.plan.inlined(paid))
            for place, award in wanted.items():
                own = table.filter(compute.equal(table["序"], place))
                found[award] = (name, own["标识·号"], own["核减后"])
            result.close()
        return found

    def close(self) -> None:
        """Let go of the engines."""
        for engine in reversed(self.engines.values()):
            engine.close()

    def in_fen(self, found: dict[str, Any]) -> dict[str, Any]:
        """The columns in the row order of the population: the numbers turned back into keys, those into rows."""
        import numpy as np

        out = {}
        for award, (name, numbers, amounts) in found.items():
            base = self.inputs.columns(shops=True)["序号"] if award == SHOP else self.inputs.columns()["标识"]
            rows = self._rows_of(name, base, shops=award == SHOP)
            out[award] = np.zeros(len(base), np.int64)
            out[award][rows[numbers.to_numpy()]] = amounts.combine_chunks().fill_null(0).to_numpy()
        return out

    def _rows_of(self, name: str, base: Any, *, shops: bool) -> Any:
        """Number of a key → row of the population. The key of a shop ends in its number."""
        import numpy as np

        if (name, shops) not in self.placed:
            kind = "店铺" if shops else "企业"
            keys = self.engines[name].arrow(f'SELECT "标识", "标识·号" FROM "对象·{kind}"')
            place = {key: row for row, key in enumerate(base.to_pylist())}
            rows = np.zeros(1 + max(keys["标识·号"].to_pylist(), default=0), np.int64)
            for key, number in zip(keys["标识"].to_pylist(), keys["标识·号"].to_pylist(), strict=True):
                rows[number] = place[int(key.rsplit("D", 1)[1]) if shops else key]
            self.placed[name, shops] = rows
        return self.placed[name, shops]


def _later(module: str, name: str, **options: Any) -> Callable[..., Any]:
    """Something of a module that is built on this one, looked up when it is called."""

    def called(*given: Any) -> Any:
        return getattr(importlib.import_module(f"{__package__}.{module}"), name)(*given, **options)

    return called


ENGINES: dict[str, Callable[[], Any]] = {"duixian-duck": Compiled, "duixian-spark": _later("on_spark", "OnSpark")}
FIGURES: dict[str, Callable[[Any], str]] = {
    "spark": _later("settling", "on_spark"), "variants": _later("variants", "figure"), "peak_full": _later("settling", "peak"),
    "peak_full_1gb": _later("settling", "peak", memory="1GB"), "reasons": _later("settling", "reasons"), "one_applicant": _later("settling", "one_applicant"),
}  # fmt: skip
