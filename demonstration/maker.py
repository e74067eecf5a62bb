"""Making up objects: valid but invented codes, names that say they are invented, facts now and then left unknown."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

from stdnum.cn import uscc

from duixian.policy.model import Policy
from duixian.values.facts import NONE, Facts, Paid, Thing
from duixian.values.terms import THIS_POLICY

LABEL = "演示数据（合成），非真实：企业、个人、编号和数字都是程序编的"
WAN, YI = 1_000_000, 10_000_000_000  # 万元 and 亿元 in 分
_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜"
_GIVEN = "演示例试验样合成"
_GOODS = (
    "烧饼",
    "茭白",
    "黄茶",
    "土面",
    "锯床",
    "厨具",
    "童车",
    "户外",
    "琉璃",
    "陶瓷",
    "家居",
    "日化",
    "食品",
    "服饰",
    "五金",
    "文创",
    "渔具",
    "箱包",
    "办公",
    "农特",
)
_KINDS = ("电子商务", "网络科技", "供应链", "商贸", "数字科技", "品牌管理")


class Maker:
    """One set of synthetic facts under construction."""

    def __init__(self, policy: Policy, year: int, place: str, region: str, seed: int) -> None:
        self.policy, self.year, self.place, self.region = policy, year, place, region
        self.rng = Random(seed)
        self.facts = Facts()
        self.ledger: list[Paid] = []
        self._names = 0

    def listed(self, *kinds: str) -> None:
        self.facts.listed.update(kinds)

    # --- chance -----------------------------------------------------------------------------------------------------------------------

    def chance(self, percent: float) -> bool:
        return self.rng.random() * 100 < percent

    def money(self, low: int, high: int, step: int = 1) -> int:
        """An amount in 分 between two amounts in 分, in whole steps."""
        return self.rng.randrange(low // step, high // step + 1) * step

    def pick(self, values: Any) -> Any:
        return self.rng.choice(values)

    # --- objects ----------------------------------------------------------------------------------------------------------------------

    def code(self) -> str:
        """A 统一社会信用代码 with a right check digit and an organisation part that says nothing."""
        body = "91" + self.region + "MA" + "".join(self.rng.choice("0123456789ABCDEFGHJKLMNPQRTUWXY") for _ in range(7))
        return body + str(uscc.calc_check_digit(body))

    def firm_name(self) -> str:
        self._names += 1
        return f"{self.place}演示{self.rng.choice(_GOODS)}{self.rng.choice(_KINDS)}{self._names:03d}有限公司"

    def person_name(self) -> str:
        return self.rng.choice(_SURNAMES) + self.rng.choice(_GIVEN) + self.rng.choice("一二三四五六七八九")

    def thing(self, kind: str, key: str, yearly: dict[str, Any] | None = None, **plain: Any) -> Thing:
        """An object with facts of the award year (`yearly`) and without a year. A value of None stays unknown."""
        thing = self.facts.add(kind, key)
        self.state(thing, yearly or {}, self.year)
        for name, value in plain.items():
            if value is not None:
                thing.values[(name, None)] = value
        return thing

    def state(self, thing: Thing, values: dict[str, Any], year: int) -> None:
        for name, value in values.items():
            if value is not None:
                thing.values[(name, year)] = value

    def series(self, thing: Thing, fact: str, figures: list[Any]) -> None:
        """Figures of the years up to the award year, oldest first."""
        for back, value in enumerate(reversed(figures)):
            self.state(thing, {fact: value}, self.year - back)

    def paid(
        self,
        award: str,
        year: int,
        key: str,
        amount: int,
        recipient: str,
        document: str = THIS_POLICY,
        tier: str = "",
        standard: int | None = None,
        **keys: str,
    ) -> None:
        self.ledger.append(Paid(award, year, key, amount, document, recipient, tier, standard, tuple(keys.items())))

    def day(self, year: int) -> date:
        return date(year, self.rng.randrange(1, 13), self.rng.randrange(1, 29))


def or_none(value: Any) -> Any:
    """无 where there is nothing."""
    return NONE if value is None else value
