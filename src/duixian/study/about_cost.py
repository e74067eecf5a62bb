"""花多少 as a section: the sums first, then the waterfall, by award, by class and size, over payees, and the totals."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from ..values.labels import reason_text
from ..values.messages import Language
from ..values.money import decimal_text
from ..values.terms import Outcome
from .chart import LIGHT, PAID, TAKEN, Scale, bars, columns, scale
from .classes import NOT_SAID
from .cost import ClassCost, Cost, Step
from .parts import Cell, Chart, Fen, Section, Share, Table, Text
from .words import money_text, say

# what each stage of the flow takes away
TAKES = ("频次、晋档", "封顶", "名额", "就高、其他政策", "总额核减", "暂估，不能支付")
MOST_BARS = 24


def cost_section(cost: Cost, language: Language) -> Section:
    """The section of a cost."""
    estimated = cost.estimate - cost.payable
    answer = [say("应付 {amount}；连同暂估，{payees} 家（户、人）得到。", language, amount=money_text(cost.payable, language), payees=f"{cost.payees:,}")]
    if estimated:
        answer.append(say("另有暂估 {amount}：本年标准未定，不能支付。", language, amount=money_text(estimated, language)))
    waiting = cost.count(Outcome.NEEDS_DATA)
    if waiting:
        answer.append(say("{count} 笔等待补充，还没有金额，没有算在内。", language, count=f"{waiting:,}"))
    section = Section("cost", say("花多少", language), answer)
    if not cost.estimate:
        section.blocks.append(Text(say("没有一家符合条件：下面各表的金额都是零，结果的分布看“各项奖补”。", language), "empty"))
    else:
        _flow(section, cost, language)
    _awards(section, cost, language)
    if cost.pots:
        section.blocks.append(_pots(cost, language))
    if cost.classes is not None:
        _classes(section, cost.classes, cost.class_name, language)
    if cost.sizes is not None and cost.banded is not None:
        bands = cost.banded.says(language)
        _classes(section, [replace(row, label=bands.get(row.label, row.label)) for row in cost.sizes], cost.banded.name, language)
    for name in cost.absent:
        section.blocks.append(Text(say("没有按“{name}”分：本政策的对象和受益人都没有这一项，或者数据里没有填。", language, name=name), "empty"))
    if cost.spread:
        _spread(section, cost, language)
    return section


def _flow(section: Section, cost: Cost, language: Language) -> None:
    flow = cost.flow
    top = scale(flow, language)
    shapes = [(say("标准算出（舍入后）", language), 0, flow[0], PAID)]
    rows: list[list[Cell]] = [[say("标准算出（舍入后）", language), None, Fen(flow[0]), Share(flow[0], flow[0])]]
    for place, name in enumerate(TAKES, 1):
        shapes.append((say(name, language), flow[place - 1], flow[place], TAKEN))
        rows.append([say(name, language), Fen(flow[place] - flow[place - 1], True), Fen(flow[place]), Share(flow[place], flow[0])])
    shapes.append((say("应付", language), 0, flow[-1], PAID))
    section.blocks.append(Chart(columns(say("钱的瀑布：每一步拿掉多少", language), shapes, top, top.unit),
                                say("从符合条件的各笔按标准算出的钱开始，每一步拿掉多少（斜纹），最后剩下应付。单位{unit}。", language, unit=top.unit)))  # fmt: skip
    head = [say(text, language) for text in ("步骤", "拿掉（元）", "余下（元）", "占算出的")]
    section.blocks.append(Table(say("瀑布", language), head, rows))


def _awards(section: Section, cost: Cost, language: Language) -> None:
    paid = sorted((award for award in cost.awards if award.estimate), key=lambda award: -award.estimate)
    if paid:
        axis = scale([award.estimate for award in paid], language)
        rows = [(award.award, ((award.payable, PAID), (award.estimate - award.payable, LIGHT)), axis.text(award.estimate, 2)) for award in paid]
        section.blocks.append(Chart(bars(say("各项奖补", language), rows[:MOST_BARS], axis),
                                    say("各项奖补的应付（深）和暂估（浅）。单位{unit}。", language, unit=axis.unit)))  # fmt: skip
    outcomes = [outcome for outcome in Outcome if outcome is not Outcome.REGISTRABLE and cost.count(outcome)]
    head = [say("条款", language), say("奖补", language), *(say(outcome.value, language) for outcome in outcomes),
            *(say(text, language) for text in ("得到的家数", "应付（元）", "含暂估（元）"))]  # fmt: skip
    table = [[award.clause, award.award, *(award.outcomes.get(outcome.value, 0) for outcome in outcomes), award.payees, Fen(award.payable), Fen(award.estimate)]
             for award in cost.awards]  # fmt: skip
    foot = ["", say("合计", language), *(cost.count(outcome) for outcome in outcomes), cost.payees, Fen(cost.payable), Fen(cost.estimate)]
    note = say("得到的家数的合计每家只数一次。", language)
    section.blocks.append(Table(say("各项奖补", language), head, table, foot, note, shown=100))


def _pots(cost: Cost, language: Language) -> Table:
    head = [say(text, language) for text in ("总额", "范围", "额度（元）", "已用（元）", "申报合计（元）", "核给（元）", "超出（元）", "办法", "待补充笔数")]
    rows = []
    for pot in cost.pots:
        over = None if pot.limit is None else max(0, pot.claimed - max(0, pot.limit - pot.spent))
        rows.append([pot.name, pot.key or say("全部", language), say("未定", language) if pot.limit is None else Fen(pot.limit), Fen(pot.spent), Fen(pot.claimed),
                     Fen(pot.granted), None if over is None else Fen(over), say_method(pot.method, language), pot.waiting])  # fmt: skip
    note = say("有的总额未定：没有做总额控制。", language) if any(pot.limit is None for pot in cost.pots) else ""
    return Table(say("总额", language), head, rows, note=note)


def say_method(method: str, language: Language) -> str:
    """How a total was met, in a language."""
    words = {"未超出": "within the total", "未定": "not set"}
    if language == "zh":
        return method
    return words.get(method) or reason_text("x 1元，申报合计 1元：" + method, "en").rpartition(": ")[2]


def _classes(section: Section, classes: list[ClassCost], name: str, language: Language) -> None:
    told = [row for row in classes if row.estimate and row.label not in NOT_SAID]  # who is not in any class is in the table only
    shown = told[:MOST_BARS]
    title = say("按{name}", language, name=name)
    if shown:
        axis = scale([row.estimate for row in shown], language)
        rows = [(say_class(row.label, language), ((row.payable, PAID), (row.estimate - row.payable, LIGHT)), axis.text(row.estimate, 2)) for row in shown]
        more = len(told) - len(shown)
        rest = say("只画最大的 {count} 类，其余 {more} 类在表里。", language, count=len(shown), more=more) if more else ""
        section.blocks.append(Chart(bars(title, rows, axis), say("{title}：应付（深）和暂估（浅）。单位{unit}。", language, title=title, unit=axis.unit) + rest))
    head = [say(text, language, name=name) for text in ("{name}", "得到的笔数", "得到的家数", "应付（元）", "含暂估（元）", "占比")]
    whole = sum(row.estimate for row in classes)
    table = [[say_class(row.label, language), row.lines, row.payees, Fen(row.payable), Fen(row.estimate), Share(row.estimate, whole)] for row in classes]
    section.blocks.append(Table(title, head, table))


def say_class(label: str, language: Language) -> str:
    """The label of a class: the policy's own words stay; what the study adds has its English."""
    return say(label, language) if label in ("未填", "无", "（没有这一项）", "是", "否") else label


def band_text(low: int | None, high: int | None, language: Language) -> str:
    """A band of amounts for people."""
    if low is None or high is None or low in (0, None):
        if high is None:
            return say("{low} 以上", language, low=money_text(low, language))
        return say("不足 {high}", language, high=money_text(high, language))
    return say("{low} 起", language, low=money_text(low, language))


def _spread(section: Section, cost: Cost, language: Language) -> None:
    axis = Scale(_counts([step.payees for step in cost.spread]), 1, "")
    shapes = [(band_text(step.low, step.high, language), 0, step.payees, PAID) for step in cost.spread]
    section.blocks.append(Chart(columns(say("一家得多少", language), shapes, axis, say("家", language), counts=True), _spread_said(cost, language)))
    head = [say(text, language) for text in ("一家得到", "家数", "合计（元）", "占比")]
    rows = [[_step_text(step, language), step.payees, Fen(step.amount), Share(step.amount, cost.estimate)] for step in cost.spread]
    section.blocks.append(Table(say("一家得多少", language), head, rows))


def _step_text(step: Step, language: Language) -> str:
    if step.low and step.high:
        return say("{low} 至不足 {high}", language, low=money_text(step.low, language), high=money_text(step.high, language))
    return band_text(step.low, step.high, language)


def _spread_said(cost: Cost, language: Language) -> str:
    share = decimal_text(Fraction(100 * cost.top_tenth, max(1, cost.estimate)), 1)
    return say("一家（按受益人合计，含暂估）得多少。中位数 {median}；得得最多的十分之一合起来得 {share}。", language,
               median=money_text(cost.median, language), share=f"{share}%")  # fmt: skip


def _counts(values: list[int]) -> tuple[int, ...]:
    return scale(values).ticks

