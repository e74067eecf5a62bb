"""断崖 and the grounds as sections."""

from __future__ import annotations

from collections.abc import Sequence

from ..values.messages import Language
from .boundaries import Unvaried
from .chart import cliff_map, scale
from .cliffs import Cliff
from .parts import Chart, Fen, Section, Table, Text
from .study import Study
from .words import money_text, say

MOST_DRAWN = 26


def cliffs_section(found: Sequence[Cliff], others: Sequence[Unvaried], language: Language) -> Section:
    """The section of the cliffs of a policy."""
    known = [cliff for cliff in found if cliff.jump]
    section = Section("cliffs", say("断崖", language), [])
    if not found:
        section.answer.append(say("政策里没有单个数值的界限。", language))
    elif not known:
        section.answer.append(say("{count} 个界限，没有一个引起跳变。", language, count=len(found)))
    else:
        highest = max(known, key=lambda cliff: abs(cliff.jump or 0))
        section.answer.append(say("{count} 个界限，{known} 个有跳变；最高的一处：{where}，差一步差 {jump}。", language, count=len(found), known=len(known),
                                  where=_where(highest), jump=money_text(abs(highest.jump or 0), language)))  # fmt: skip
        edge = max(known, key=lambda cliff: cliff.exposure)
        if edge.exposure > 0 and edge.near:
            section.answer.append(say("最挤的一处：{where}，{count} 家差 5% 以内没有达到（其余条件未必满足），每家差 {jump}。", language, where=_where(edge),
                                      count=f"{edge.near.short[1]:,}", jump=money_text(abs(edge.jump or 0), language)))  # fmt: skip
        _map(section, known, language)
    if found:
        section.blocks.append(_table(found, language))
    if others:
        head = [say(text, language) for text in ("奖补", "界限", "为什么没有算")]
        section.blocks.append(Table(say("没有算的界限", language), head, [[item.award, item.text, say(item.reason, language)] for item in others]))
    return section


def _where(cliff: Cliff) -> str:
    edge = cliff.boundary
    return f"{edge.award}：{edge.figure} {edge.operator} {edge.number}"


def _map(section: Section, known: Sequence[Cliff], language: Language) -> None:
    order = sorted(known, key=lambda cliff: -abs(cliff.jump or 0))[:MOST_DRAWN]
    axis = scale([abs(cliff.jump or 0) for cliff in order], language)
    rows = [(f"{cliff.boundary.award}：{cliff.boundary.figure} {cliff.boundary.operator} {cliff.boundary.number}", abs(cliff.jump or 0),
             cliff.near.short[1] if cliff.near else None, cliff.near.met[1] if cliff.near else None) for cliff in order]  # fmt: skip
    caption = say("断崖图：在每个界限上，差一步（一分、一家）奖补差多少，单位{unit}；右边是申报的人离界限 5% 以内的家数，斜纹是差一点没达到的，蓝色是刚刚达到的。其余条件未必满足。", language, unit=axis.unit)
    heads = (say("差一步差多少", language), say("差一点没达到", language), say("刚刚达到", language))
    section.blocks.append(Chart(cliff_map(say("断崖图", language), rows, axis, heads), caption))


def _table(found: Sequence[Cliff], language: Language) -> Table:
    head = [say(text, language) for text in ("条款", "奖补", "界限", "界下一步（元）", "正好在界上（元）", "界上一步（元）", "跳变（元）",
                                             "差1%内", "过1%内", "差5%内", "过5%内", "其中得到", "其余条件取自")]  # fmt: skip
    rows = []
    for cliff in found:
        edge, near = cliff.boundary, cliff.near
        counts: list[object] = [near.short[0], near.met[0], near.short[1], near.met[1], near.granted[1]] if near else ["—"] * 5
        where = f"{edge.figure} {edge.operator} {edge.number}"
        if cliff.below is None or cliff.above is None or cliff.jump is None:
            rows.append([edge.clause, edge.award, where, "—", "—", "—", "—", *counts, say("没有算出", language)])
            continue
        at = _fen(cliff.at[1]) if cliff.at else "—"
        source = say("例“{name}”", language, name=cliff.template) + (say("，按上限暂估", language) if cliff.estimated else "")
        rows.append([edge.clause, edge.award, where, _fen(cliff.below[1]), at, _fen(cliff.above[1]), Fen(cliff.jump, True), *counts, source])
    note = say("跳变由政策自己算出：其余条件取自政策的例，只动这一个数，一步是一分、一家；封顶计算在内，总额、名额、就高不计。差、过 1%、5% 数的是申报的人；“—”表示数据里没有这个数，不是没有人。", language)
    return Table(say("断崖", language), head, rows, note=note, shown=200)


def _fen(value: int | None) -> Fen | str:
    return "—" if value is None else Fen(value)


def grounds_section(study: Study, language: Language) -> Section:
    """What the study stands on: policy, hashes, readings, standards, data, the command that makes it again."""
    section = Section("grounds", say("依据", language), [say("政策、口径、年度标准、数据的校验值和命令：同样的输入得到同样的报告。", language)])
    rows: list[list[object]] = [
        [say("政策", language), study.policy, study.title],
        [say("政策校验值", language), f"sha256:{study.digest}", say("政策、原文、词汇合在一起", language)],
        [say("年度", language), str(study.year), ""],
        [say("年度标准", language), f"sha256:{study.standards_file[0]}" if study.standards_file[0] else say("没有", language),
         "；".join(text for text in study.standards_file[1:] if text)],
    ]  # fmt: skip
    rows += [[say("数据", language), f"sha256:{item.sha256}", say("{file}，共 {rows} 行", language, file=item.file, rows=item.rows)] for item in study.inputs]
    rows.append([say("范围", language), say("{objects} 个对象，{lines} 笔", language, objects=f"{study.objects:,}", lines=f"{study.lines:,}"), study.label])
    rows += [[say("命令", language), study.command, say("再运行一次，得到同样的字节", language)]] if study.command else []
    rows += [[say("日期", language), study.date, ""]] if study.date else []
    section.blocks.append(Table(say("依据", language), [say(text, language) for text in ("项目", "内容", "说明")], rows))
    if study.readings:
        head = [say(text, language) for text in ("口径", "选择", "由谁选", "问题")]
        section.blocks.append(Table(say("口径", language), head, [[item.name, item.option, say(item.source, language), item.question] for item in study.readings], shown=200))
    if study.standards:
        head = [say(text, language) for text in ("项目", "政策规定", "本年标准")]
        cells = [[name, words, say(text, language) if text in ("未定", "见年度文件") else text] for name, words, text in study.standards]
        section.blocks.append(Table(say("年度标准", language), head, cells, shown=200))
    else:
        section.blocks.append(Text(say("本政策没有留给年度的数。", language), "empty"))
    return section
