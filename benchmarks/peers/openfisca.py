"""The rules as an OpenFisca tax-benefit system: one YEAR variable an input and an award, vectorised formulas, amounts in 元.

OpenFisca keeps a float variable as float32 (24 bits), so 元 with two decimals are exact only up to 16万元 or so: the harness counts what differs.
Its integers are int32, which 分 above 2147万元 do not fit at all. Reading the columns, entering them (`set_input`) and calculating are measured apart.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulation_builder import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from . import AWARDS, LATEST_ENTRY, YEAR
from .children import Children, children
from .inputs import BOOTHS, FEES, LEASES, RETAIL, RETAIL_1, RETAIL_2, Inputs
from .numpy_int64 import array

# OpenFisca knows members of one kind only: leases, booths and fees are items of a firm, each with the amount it adds to each sum (0 to the others)
ITEM = build_entity(key="item", plural="items", label="明细", is_person=True)
FIRM = build_entity(key="firm", plural="firms", label="企业", roles=[{"key": "own", "plural": "owns", "label": "明细"}])
_SUMS = {LEASES: "租约面积月数", BOOTHS: "展位费金额", FEES: "平台费用金额"}
LATEST = np.datetime64(date.fromordinal(date(1970, 1, 1).toordinal() + LATEST_ENTRY))
_MONEY = {
    RETAIL: ("网络零售额", YEAR), RETAIL_1: ("网络零售额", YEAR - 1), RETAIL_2: ("网络零售额", YEAR - 2), BOOTHS: (BOOTHS, YEAR), FEES: (FEES, YEAR),
    **{name: (name, YEAR) for name in ("跨境电商出口额", "实物商品网络零售额", "自播网络零售额", "第三方直播网络零售额", "直播佣金")},
}  # fmt: skip
_TRUTHS = (
    "园区已认定", "实体入驻", "纳入统计直报", "运营主体本县依法成立", "运营主体守法诚信经营", "运营主体弄虚作假",
    "本县依法成立", "守法诚信经营", "弄虚作假", "纳统", "成长良好", "生产企业", "MCN独立法人",
)  # fmt: skip


def _fen(yuan: Any) -> Any:
    """元 rounded half up to whole 分."""
    return np.floor(yuan * 100 + 0.5) / 100


def _sound(firms: Any, period: Any) -> Any:
    return firms("本县依法成立", period) * firms("守法诚信经营", period) * np.logical_not(firms("弄虚作假", period))


def _settled(firms: Any, period: Any) -> Any:
    return firms("纳统", period) * firms("成长良好", period) * (firms("入库日期", period) <= LATEST)


def _arrival(firms: Any, period: Any) -> Any:
    now = firms("网络零售额", period)
    met = firms("园区已认定", period) * firms("实体入驻", period) * firms("纳入统计直报", period) * (firms("首次纳入限上年度", period) == YEAR)
    met = met * firms("运营主体本县依法成立", period) * firms("运营主体守法诚信经营", period) * np.logical_not(firms("运营主体弄虚作假", period))
    return met * np.select([now >= 100_000_000, now >= 50_000_000, now >= 20_000_000], [200_000, 100_000, 50_000], 0)


def _rent(firms: Any, period: Any) -> Any:
    now = firms("网络零售额", period)
    last, before = firms("网络零售额", period.last_year), firms("网络零售额", period.offset(-2))
    met = firms("主体合格", period) * firms("纳入统计直报", period) * (now >= last * 1.1) * (now >= before * 1.1025)
    rate = np.select([now > 20_000_000, now > 5_000_000], [6, 3], 0)
    return met * np.minimum(_fen(rate * firms(LEASES, period)), 500_000)


def _booths(firms: Any, period: Any) -> Any:
    return firms("主体合格", period) * np.minimum(firms(BOOTHS, period), 50_000)


def _fees(firms: Any, period: Any) -> Any:
    met = firms("主体合格", period) * (firms("跨境电商出口额", period) >= 2_000_000)
    return met * np.minimum(_fen(firms(FEES, period) * 0.5), 100_000)


def _traffic(firms: Any, period: Any) -> Any:
    goods = firms("实物商品网络零售额", period)
    return (goods >= 30_000_000) * np.minimum(np.floor(goods / 10_000) * 3, 100_000)


def _live(firms: Any, period: Any) -> Any:
    own = firms("自播网络零售额", period)
    return firms("存续成长", period) * np.select([own >= 50_000_000, own >= 30_000_000, own >= 20_000_000], [240_000, 160_000, 80_000], 0)


def _commission(firms: Any, period: Any) -> Any:
    met = firms("生产企业", period) * firms("纳统", period) * (firms("第三方直播网络零售额", period) >= 20_000_000)
    return met * np.minimum(_fen(firms("直播佣金", period) * 0.1), 200_000)


def _agency(firms: Any, period: Any) -> Any:
    now = firms("网络零售额", period)
    tiers = np.select([now >= 100_000_000, now >= 50_000_000, now >= 20_000_000], [400_000, 240_000, 160_000], 0)
    return firms("存续成长", period) * firms("MCN独立法人", period) * tiers


def _sum(name: str) -> Any:
    """The sum of what the items of a firm add, the way OpenFisca adds up members."""

    def formula(firms: Any, period: Any) -> Any:
        found = firms.sum(firms.members(_SUMS[name], period) * firms.members(_SUMS[name] + "计入", period))
        return found if len(found) == firms.count else np.concatenate([found, np.zeros(firms.count - len(found))])

    return formula


def _area_months(items: Any, period: Any) -> Any:
    return items("租用面积", period) * items("租用月数", period)


_FORMULAS = dict(zip(AWARDS, (_arrival, _rent, _booths, _fees, _traffic, _live, _commission, _agency), strict=True))
_SHARED = {"主体合格": _sound, "存续成长": _settled}


def _variable(name: str, kind: type, formula: Any = None, entity: Any = FIRM) -> type[Variable]:
    members = {"value_type": kind, "entity": entity, "definition_period": DateUnit.YEAR, "label": name}
    if formula is not None:
        members["formula"] = lambda firms, period, parameters: formula(firms, period)
    return type(name, (Variable,), members)


def system() -> TaxBenefitSystem:
    """Both policies' enterprise awards and what they read."""
    built = TaxBenefitSystem([ITEM, FIRM])
    for name in dict.fromkeys([name for name, _ in _MONEY.values()]):
        if name not in _SUMS:
            built.add_variable(_variable(name, float))
    for name, own in _SUMS.items():
        built.add_variable(_variable(name, float, _sum(name)))
        built.add_variable(_variable(own, float, _area_months if name == LEASES else None, ITEM))
        built.add_variable(_variable(own + "计入", bool, None, ITEM))
    for name in ("租用面积", "租用月数"):
        built.add_variable(_variable(name, float, None, ITEM))
    for name in _TRUTHS:
        built.add_variable(_variable(name, bool))
    built.add_variable(_variable("首次纳入限上年度", int))
    built.add_variable(_variable("入库日期", date))
    for name, formula in _SHARED.items():
        built.add_variable(_variable(name, bool, formula))
    for name, formula in _FORMULAS.items():
        built.add_variable(_variable(name, float, formula))
    return built


class OpenFisca:
    """Calculation over a simulation of N firms and their items."""

    name = "OpenFisca 46 (float32)"
    exact = False

    def prepare(self, inputs: Inputs, rows: int | None = None) -> None:
        """Columns as arrays of the kinds the system declares; nothing is entered yet."""
        columns = {name: array(column) for name, column in inputs.columns(rows=rows).items() if name != "标识"}
        self.count = len(columns["序号"])
        self.sums = [(name, YEAR, (columns[name] / (1000 if name == LEASES else 100)).astype(np.float32)) for name in _SUMS]
        self.given: list[tuple[str, int, Any]] = [
            (name, year, (columns[column] / 100).astype(np.float32)) for column, (name, year) in _MONEY.items() if name not in _SUMS
        ]
        self.handed = False
        self._items(children(inputs))
        self.given += [(name, YEAR, columns[name]) for name in _TRUTHS]
        self.given.append(("首次纳入限上年度", YEAR, columns["首次纳入限上年度"].astype(np.int32)))
        self.given.append(("入库日期", YEAR, columns["入库日期"].astype("datetime64[D]")))
        self.system = system()

    def _items(self, found: dict[str, Children]) -> None:
        """Leases, booths and fees one after the other, as items: which firm each belongs to, and its figures."""
        self.firm_of = np.concatenate([rows.firm for rows in found.values()])
        start = 0
        for name, rows in found.items():
            at = slice(start, start + len(rows.firm))
            figures = {"租用面积": rows.amount / 1000, "租用月数": rows.factor} if name == LEASES else {_SUMS[name]: rows.amount / 100}
            for own, values in figures.items():
                whole = np.zeros(len(self.firm_of), np.float32)
                whole[at] = values
                self.given.append((own, YEAR, whole))
            counts = np.zeros(len(self.firm_of), bool)
            counts[at] = rows.counts
            self.given.append((_SUMS[name] + "计入", YEAR, counts))
            start = at.stop

    def enter(self) -> None:
        """A new simulation with every input set."""
        builder = SimulationBuilder()
        builder.create_entities(self.system)
        for key, count in (("item", len(self.firm_of)), ("firm", self.count)):
            builder.populations[key].ids, builder.populations[key].count = np.arange(count), count
        firms = builder.populations["firm"]
        firms.members_entity_id = self.firm_of
        firms.members_role = np.full(len(self.firm_of), FIRM.flattened_roles[0])
        self.simulation = builder.build(self.system)
        for name, year, values in self.given:
            self.simulation.set_input(name, str(year), values)

    def ready(self) -> dict[str, Any]:
        """The same with the sums of each firm set as inputs."""
        for name, year, values in self.sums if not self.handed else ():
            self.simulation.set_input(name, str(year), values)
        self.handed = True
        return self._calculated((*_SHARED, *_FORMULAS))

    def rules(self) -> dict[str, Any]:
        """The eight awards in 元 as OpenFisca has them (float32), calculated afresh, the sums of items too."""
        return self._calculated((*_SHARED, *_FORMULAS, *_SUMS, _SUMS[LEASES]))

    def _calculated(self, afresh: tuple[str, ...]) -> dict[str, Any]:
        for name in afresh:
            self.simulation.delete_arrays(name)
        return {award: self.simulation.calculate(award, str(YEAR)) for award in AWARDS}

    def in_fen(self, found: dict[str, Any]) -> dict[str, Any]:
        """The result as whole 分, by the nearest, for the comparison."""
        return {award: np.rint(amounts.astype(np.float64) * 100).astype(np.int64) for award, amounts in found.items()}
