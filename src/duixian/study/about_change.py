"""谁得谁失, 哪个标准正好 and 扫描 as sections."""

from __future__ import annotations

from fractions import Fraction

from ..values.messages import Language
from .about_cost import say_class
from .chart import PAID, TAKEN, Scale, bars, columns, curves, scale
from .compare import Band, Comparison, Moved, Sides
from .fit import Fit
from .parts import Chart, Fen, Section, Table, Text
from .sweep import Point, Sweep
from .words import money_text, say


def comparison_section(found: Comparison, number: int, language: Language) -> Section:
    """The section of one comparison."""
    section = Section(f"compare{number}", say("谁得谁失", language), _answer(found, language))
    section.blocks.append(Text(say("甲：{first}", language, first=found.first), "note"))
    section.blocks.append(Text(say("乙：{second}", language, second=found.second), "note"))
    _sides(section, found, language, say("对照", language) + (str(number) if number > 1 else ""))
    return section


def _answer(found: Comparison, language: Language) -> list[str]:
    all_ = found.payees
    if not all_.gained and not all_.lost and not all_.undecided:
        if not all_.before and not all_.after:
            return [say("两种情形下都没有一家得到。", language)]
        return [say("两种情形结果完全相同：{count} 家一分不差，合计都是 {amount}。", language, count=f"{all_.same:,}", amount=money_text(all_.before, language))]
    change = say("多花 {amount}", language, amount=money_text(all_.difference, language)) if all_.difference > 0 else (
        say("少花 {amount}", language, amount=money_text(-all_.difference, language)) if all_.difference < 0 else say("总数不变", language))  # fmt: skip
    parts = [say("{count} 家多得 {amount}", language, count=f"{all_.gained:,}", amount=money_text(all_.gain, language))] if all_.gained else []
    parts += [say("{count} 家少得 {amount}", language, count=f"{all_.lost:,}", amount=money_text(all_.loss, language))] if all_.lost else []
    parts += [say("没有一家少得", language)] if all_.gained and not all_.lost else [say("没有一家多得", language)] if all_.lost and not all_.gained else []
    parts.append(say("{count} 家不变", language, count=f"{all_.same:,}"))
    said = [say("乙比甲{change}：{parts}。", language, change=change, parts=say("，", language).join(parts))]
    moves = [say("{count} 家从没有到有", language, count=f"{all_.entered:,}")] if all_.entered else []
    moves += [say("{count} 家从有到没有", language, count=f"{all_.left:,}")] if all_.left else []
    if moves:
        said.append(say("其中 {parts}。", language, parts=say("，", language).join(moves)))
    if all_.undecided:
        said.append(say("另有 {count} 家在其中一种情形下等待补充，得失未定，不算在多得、少得里。", language, count=f"{all_.undecided:,}"))
    return said


def _sides(section: Section, found: Comparison, language: Language, name: str) -> None:
    if found.bands:
        axis = Scale(scale([band.payees for band in found.bands]).ticks, 1, "")
        held = [place for place, band in enumerate(found.bands) if band.payees]  # bands nobody is in are drawn only between others
        drawn = found.bands[held[0] : held[-1] + 1] if held else found.bands
        shapes = [(_band(band, language), 0, band.payees, PAID if band.low is not None and band.low >= 0 else TAKEN) for band in drawn]
        title = say("一家差多少", language)
        section.blocks.append(Chart(columns(title, shapes, axis, say("家", language), counts=True),
                                    say("一家（按受益人合计）差多少：左边少得（斜纹），右边多得。不变的 {same} 家没有画。", language, same=f"{found.payees.same:,}")))  # fmt: skip
    moved = [row for row in found.lines if row.gain or row.loss or row.undecided]
    if any(row.gain or row.loss for row in moved):
        axis = scale([value for row in moved for value in (row.gain, -row.loss)], language)
        rows = []
        for row in moved:
            if row.gain:
                rows.append((row.label + say("　多得", language), ((row.gain, PAID),), axis.text(row.gain, 2)))
            if row.loss:
                rows.append((row.label + say("　少得", language), ((-row.loss, TAKEN),), axis.text(-row.loss, 2)))
        section.blocks.append(Chart(bars(say("各项奖补的得失", language), rows, axis, label_ems=16), say("各项奖补多得、少得各多少。单位{unit}。", language, unit=axis.unit)))
    head = [say(text, language) for text in ("奖补", "多得", "少得", "不变", "新得", "不再得", "未定", "甲（元）", "乙（元）", "差（元）")]
    foot = [say("各家", language), *_row(found.payees)[1:]]
    note = say("各行数的是笔；“各家”一行按受益人合起来，每家只数一次。", language)
    still = [row for row in found.lines if row not in moved]
    rest = [_row(_together(still, say("其余 {count} 项没有变化", language, count=len(still))))] if len(still) > 1 and moved else [_row(row) for row in still]
    section.blocks.append(Table(name, head, [*(_row(row) for row in moved), *rest], foot, note))
    if found.classes is not None:
        head = [say("{name}", language, name=found.class_name), *head[1:]]
        section.blocks.append(Table(name + say("·按{name}", language, name=found.class_name), head, [_row(row, language) for row in found.classes]))
    for rows, title in ((found.losers, "少得最多"), (found.gainers, "多得最多")):
        if rows:
            section.blocks.append(_top(name + "·" + say(title, language), rows, language))


def _row(row: Sides, language: Language = "zh") -> list[object]:
    return [say_class(row.label, language), row.gained, row.lost, row.same, row.entered, row.left, row.undecided, Fen(row.before), Fen(row.after), Fen(row.difference, True)]


def _together(rows: list[Sides], label: str) -> Sides:
    return Sides._make((label, *(sum(row[place] for row in rows) for place in range(1, len(Sides._fields)))))


def _top(name: str, rows: list[Moved], language: Language) -> Table:
    head = [say(text, language) for text in ("奖补", "对象", "受益人", "甲（元）", "乙（元）", "差（元）", "甲的结果", "乙的结果")]
    cells = [[row.award, f"{row.kind} {row.key}", row.payee, Fen(row.before), Fen(row.after), Fen(row.difference, True),
              say(row.outcome_before, language) if row.outcome_before else "—", say(row.outcome_after, language) if row.outcome_after else "—"] for row in rows]  # fmt: skip
    return Table(name, head, cells, shown=10)


def _band(band: Band, language: Language) -> str:
    """A band by its end nearer to nothing, as bands of amounts are called: +1万元 起; the one that begins at nothing by its other end."""
    if band.low is None or band.low < 0:
        near, far, sign = -(band.high or 0), band.low, "−"
    else:
        near, far, sign = band.low, band.high, "+"
    if far is None:
        return say("{low} 以上", language, low=sign + money_text(near, language))
    return say("{low} 起", language, low=sign + money_text(near, language)) if near else say("{low} 以内", language, low=sign + money_text(abs(far), language))


def fit_section(fit: Fit, number: int, language: Language) -> Section:
    """The section of one total to fit."""
    pot = money_text(fit.pot, language)
    what = fit.items[0] if fit.uniform else say("各项上限", language)
    if fit.best is None:
        least = fit.tried[0]
        answer = [say("{total} {pot}：标准降到零也超，固定的支出还有 {claimed}，超出 {over}。", language, total=fit.total, pot=pot,
                      claimed=money_text(least.claimed, language), over=money_text(least.claimed - least.left, language))]  # fmt: skip
    elif fit.beyond is None:
        answer = [say("{total} {pot}：{what}用到上限 {text} 也够，申报合计 {claimed}，还余 {rest}。", language, total=fit.total, pot=pot, what=what, text=fit.best.text,
                      claimed=money_text(fit.best.claimed, language), rest=money_text(fit.best.left - fit.best.claimed, language))]  # fmt: skip
    else:
        answer = [
            say("{total} {pot}：{what} {text} 正好，申报合计 {claimed}，余 {rest}。", language, total=fit.total, pot=pot, what=what,
                text=_share(fit, fit.best.text, language), claimed=money_text(fit.best.claimed, language), rest=money_text(fit.best.left - fit.best.claimed, language)),
            say("再高一步（{text}），申报合计 {claimed}，超出 {over}。", language, text=fit.beyond.text,
                claimed=money_text(fit.beyond.claimed, language), over=money_text(fit.beyond.claimed - fit.beyond.left, language)),
        ]  # fmt: skip
    section = Section(f"fit{number}", say("哪个标准正好", language), answer)
    axis = scale([*(one.claimed for one in fit.tried), fit.pot], language)
    points: list[tuple[Fraction | int, str]] = [(one.level, one.text) for one in fit.tried]
    if len(points) > 1:
        section.blocks.append(Chart(curves(say("申报合计随标准变化", language), points, [(say("申报合计", language), [one.claimed for one in fit.tried], "line claimed")],
                                           axis, [(say("总额", language), fit.tried[0].left)],
                                           (fit.best.level, fit.best.text) if fit.best and fit.beyond else None),
                                    say("每一点都完整结算过一次；横线是能用的总额。单位{unit}。", language, unit=axis.unit)))  # fmt: skip
    head = [say(text, language) for text in ("标准", "申报合计（元）", "能用（元）", "余（负数为超出，元）", "够不够")]
    rows = [[one.text, Fen(one.claimed), Fen(one.left), Fen(one.left - one.claimed, True), say("够", language) if one.fits else say("超", language)] for one in fit.tried]
    name = say("正好", language) + (str(number) if number > 1 else "")
    section.blocks.append(Table(name, head, rows, note=say("求法：标准提高，申报合计不会减少，所以对半查找；表里是查过的每一个。", language)))
    if fit.standards:
        head = [say(text, language) for text in ("项目", "政策规定", "正好的标准")]
        section.blocks.append(Table(name + say("·标准", language), head, [list(row) for row in fit.standards]))
    if fit.against is not None and fit.beyond is not None:
        section.blocks.append(Text(say("降低标准，与按上限计算再{method}相比：", language, method=fit.method or "—"), "lead"))
        section.blocks += [Text(text) for text in _answer(fit.against, language)]
        section.blocks.append(Text(say("甲：{first}", language, first=fit.against.first), "note"))
        section.blocks.append(Text(say("乙：{second}", language, second=fit.against.second), "note"))
        _sides(section, fit.against, language, name + say("·对照", language))
    return section


def _share(fit: Fit, text: str, language: Language) -> str:
    return text if fit.uniform else say("的 {text}", language, text=text)


def sweep_section(found: Sweep, language: Language) -> Section:
    """The section of a sweep."""
    points, names = found.points, found.moved
    least, most = min(points, key=lambda point: point.granted), max(points, key=lambda point: point.granted)
    section = Section("sweep", say("扫描", language), [])
    if len(points) == 1 or least.granted == most.granted and not names:
        section.answer.append(say("试了 {count} 种，支出都是 {amount}。", language, count=len(points), amount=money_text(most.granted, language)))
    elif least.granted == most.granted:
        # A total that is full everywhere hides the change: what is asked of it moves, what it gives does not.
        low, high = min(points, key=lambda point: point.claimed), max(points, key=lambda point: point.claimed)
        section.answer.append(say("试了 {count} 种，核给都是 {amount}；申报合计从 {low}（{first}）到 {high}（{second}）。", language, count=len(points),
                                  amount=money_text(most.granted, language), low=money_text(low.claimed, language), first=_where(found, low),
                                  high=money_text(high.claimed, language), second=_where(found, high)))  # fmt: skip
    else:
        section.answer.append(say("试了 {count} 种：核给从 {low}（{first}）到 {high}（{second}）。", language, count=len(points), low=money_text(least.granted, language),
                                  first=_where(found, least), high=money_text(most.granted, language), second=_where(found, most)))  # fmt: skip
    if names:
        _curves(section, found, names, language)
    else:
        section.blocks.append(Text(say("没有一项奖补随它变化。", language), "empty"))
    head = [*(one.name for one in found.axes), *(say(text, language) for text in ("得到的笔数", "申报合计（元）", "核给（元）", "应付（元）")), *(f"{name}（{say('元', language)}）" for name in names)]
    rows = [[*point.values, point.lines, Fen(point.claimed), Fen(point.granted), Fen(point.payable), *(Fen(point.awards.get(name, 0)) for name in names)] for point in points]
    note = say("申报合计是总额核减以前的；核给含暂估。", language)
    if found.apart:
        why = "；".join(dict.fromkeys(say(text, language) for text in found.apart.values()))
        note += say("其中 {count} 种不能与其他的合在一起算，是一种一种结算的（{why}），结果一样。", language, count=len(found.apart), why=why)
    section.blocks.append(Table(say("扫描", language), head, rows, note=note, shown=100))
    return section


def _where(found: Sweep, point: Point) -> str:
    """What a point is, in words: 流量补贴 1元."""
    return "，".join(f"{one.name} {value}" for one, value in zip(found.axes, point.values, strict=True))


def _curves(section: Section, found: Sweep, names: list[str], language: Language) -> None:
    first = found.axes[0]
    places: list[tuple[Fraction | int, str]] = [(found.numbers[place] if found.numbers else place, value) for place, value in enumerate(first.values)]
    rests = list(dict.fromkeys(point.values[1:] for point in found.points))
    series: list[tuple[str, list[int], str]] = []
    for rest in rests[:6]:
        row = {point.values[0]: point for point in found.points if point.values[1:] == rest}
        extra = f"（{'，'.join(rest)}）" if rest else ""
        claimed = [sum(row[value].claims.get(name, 0) for name in names) for value in first.values]
        granted = [sum(row[value].awards.get(name, 0) for name in names) for value in first.values]
        same = next((place for place, (_, values, kind) in enumerate(series) if kind == "line claimed" and values == claimed), None)
        if same is not None:  # what is asked is the same whatever the rest: one line, without the rest
            series[same] = (say("申报合计", language), claimed, "line claimed")
        elif claimed != granted:
            series.append((say("申报合计", language) + extra, claimed, "line claimed"))
        series.append((say("核给", language) + extra, granted, "line"))
    axis = scale([value for _, values, _ in series for value in values] + [value for _, value in found.pots], language)
    order = sorted(range(len(places)), key=lambda place: places[place][0])
    drawn = [(name, [values[place] for place in order], kind) for name, values, kind in series]
    caption = say("随{name}变化的奖补（{awards}）：申报合计（虚线，总额核减以前）和核给（实线）。单位{unit}。", language, name=first.name, awards="、".join(names), unit=axis.unit)
    if len(rests) > 6:
        caption += say("只画前 6 种组合，其余在表里。", language)
    section.blocks.append(Chart(curves(say("支出随参数变化", language), [places[place] for place in order], drawn, axis, found.pots), caption))

