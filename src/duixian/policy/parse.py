"""Blocks → records: one table of clauses a block kind, one function a kind. What cannot be read is reported and left out; the rest goes on."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..values.diagnostic import Diagnostic
from ..values.money import ROUNDINGS
from ..values.period import parse_date
from .cursor import Unreadable
from .document import Block, Bullet, Cell, Document, Table
from .lexer import normalise
from .model import General, Group, Highest, Parameter, Policy, Procedure, Reading, Rule, Total
from .refusals import refusal
from .suggest import nearest, remedies
from .syntax import (
    BLOCKS,
    OVERRUNS,
    SET_ASIDE,
    Always,
    Choice,
    FactWindow,
    Node,
    Number,
    Open,
    Places,
    Scope,
    Source,
    Subject,
    TierRow,
    Tiers,
    Value,
    Word,
)
from .terms import Reader

YEAR_RULES = ("年末在有效期内", "年内有一日在有效期内")
_WINDOW = re.compile(r"(当年|上年)(\d{1,2})月(\d{1,2})日至(?:(当年|上年))?(\d{1,2})月(\d{1,2})日$")


@dataclass(slots=True)
class Clauses:
    """The bullets of one block, read by key; every key asked for is known, every other one is a defect."""

    block: Block
    document: Document
    defects: list[Diagnostic]
    known: list[str]

    def reader(self, text: str, offset: int) -> Reader:
        return Reader(text, offset, self.document, self.defects)

    def read(self, bullet: Bullet | Cell, how: Callable[[Reader], Any]) -> Any:
        """One bullet or cell through one nonterminal; None where it cannot be read."""
        text, at = (bullet.value, bullet.at) if isinstance(bullet, Bullet) else (bullet.text, bullet.at)
        before = len(self.defects)
        try:
            reader = self.reader(text, at[0])
            value = how(reader)
            reader.done()
        except Unreadable as stop:
            value = None
            refused = refusal(text)
            if refused:
                self.defects[before:] = [self.document.defect("DX213", at, **refused)]
            elif len(self.defects) == before:  # what the lexer could not read says enough
                self.defects.append(self.document.defect(stop.code, stop.at, **stop.details))
        return value if len(self.defects) == before else None

    def all(self, key: str) -> list[Bullet]:
        if key not in self.known:
            self.known.append(key)
        return [bullet for bullet in self.block.bullets if bullet.key == key]

    def one(self, key: str, *, needed: bool = False) -> Bullet | None:
        found = self.all(key)
        for again in found[1:]:
            self.defects.append(self.document.defect("DX206", again.key_at, self.document.place(found[0].key_at), key=key))
        glued = any(not bullet.key and bullet.value.startswith(key) for bullet in self.block.bullets)  # `finish` says that its colon is missing
        if not found and needed and not glued:
            self.defects.append(self.document.defect("DX205", self.block.at, kind=self.block.kind, name=self.block.name, key=key))
        return found[0] if found else None

    def value(self, key: str, how: Callable[[Reader], Any], *, needed: bool = False) -> Any:
        bullet = self.one(key, needed=needed)
        return self.read(bullet, how) if bullet else None

    def values(self, key: str, how: Callable[[Reader], Any]) -> tuple[Any, ...]:
        return tuple(value for bullet in self.all(key) if (value := self.read(bullet, how)) is not None)

    def prose(self, key: str, *, needed: bool = False) -> str:
        bullet = self.one(key, needed=needed)
        return bullet.value if bullet else ""

    def names(self, key: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in re.split("[、]", self.prose(key)) if part.strip())

    def finish(self) -> None:
        for bullet in self.block.bullets:
            if bullet.children and bullet.key != "任一":
                self.defects.append(self.document.defect("DX201", bullet.children[0].at, expected="缩进的条目只写在“任一：”下面", found=bullet.children[0].text[:20],
                                                         remedy="去掉前面的空格。", remedy_en="take the spaces before it away."))  # fmt: skip
            if bullet.key not in self.known:
                at = bullet.key_at if bullet.key else bullet.at
                meant = "" if bullet.key else next((key for key in self.known if bullet.value.startswith(key)), "")
                details = remedies(bullet.key, self.known, "从列出的项目里选。", "use a listed clause.")
                if meant:
                    details = {"remedy": f"“{meant}”后面写“：”。", "remedy_en": f"put “：” after {meant}."}
                self.defects.append(
                    self.document.defect("DX204", at, kind=self.block.kind, found=bullet.key or bullet.value[:20], expected="、".join(self.known), **details)
                )


def parse_blocks(policy: Policy, defects: list[Diagnostic]) -> None:
    """Fill a policy's records from its document."""
    document = policy.document
    for block in document.blocks:
        if block.quote is None:
            defects.append(document.defect("DX109", block.at))
        if block.kind not in BLOCKS:
            refused = refusal(block.kind)
            near = nearest(block.kind, BLOCKS)
            defects.append(document.defect("DX203", block.at, expected="、".join(BLOCKS), found=block.kind,
                                           remedy=refused["remedy"] if refused else f"是不是“{near}”？" if near else "从列出的里选一种。",
                                           remedy_en=f"did you mean “{near}”?" if near else "use a listed kind."))  # fmt: skip
            continue
        clauses = Clauses(block, document, defects, [])
        _KINDS[block.kind](policy, clauses)
        clauses.finish()
        for table in block.tables:
            head = table.head[0].text
            if head not in _TABLES.get(block.kind, (head, "例")) or (head == "例" and block.kind in _WITHOUT_EXAMPLES):
                allowed = "、".join(name for name in _TABLES.get(block.kind, ()) if name != "例") or "没有这种表"
                defects.append(document.defect("DX204", table.head[0].at, kind=block.kind, found=f"{head} 表", expected=allowed,
                                               remedy="移到它该在的块里。", remedy_en="move the table to the block it belongs to."))  # fmt: skip
    for quote in document.quotes:
        for note in quote.notes:
            if note.key not in ("不计算", "说明"):
                defects.append(document.defect("DX204", note.key_at if note.key else note.at, kind="引文下面", found=note.key or note.value[:20], expected="不计算、说明",
                                               remedy="规则写在 #### 块里。", remedy_en="rules stand in #### blocks."))  # fmt: skip
            elif note.key == "不计算" and re.split("[，,]", note.value)[0].strip() not in SET_ASIDE:
                defects.append(document.defect("DX110", note.at, found=re.split("[，,]", note.value)[0].strip()))


def _declare(table: dict[str, Any], name: str, record: Any, clauses: Clauses) -> None:
    if not name:
        clauses.defects.append(clauses.document.defect("DX306", clauses.block.at, found=name, expected=f"#### {clauses.block.kind} 后面写名称"))
    elif name in table:
        other = table[name].block.at
        clauses.defects.append(clauses.document.defect("DX302", clauses.block.at, clauses.document.place(other), found=name))
    else:
        table[name] = record


# --- 奖补, 认定, 登记 ------------------------------------------------------------------------------------------------------------------


def _rule(policy: Policy, clauses: Clauses) -> None:
    block = clauses.block
    examples = tuple(table for table in block.tables if table.head[0].text == "例")
    values, tiers, places = [], [], []
    for table in block.tables:
        if table.head[0].text == "例":
            continue
        last = table.head[-1].text
        read = read_tiers(table, clauses)
        if last == "标准":
            tiers.append(read)
        else:
            values.append(Value(last, read, at=table.head[-1].at))
    object_bullet = clauses.one("对象", needed=True)
    values = [*[value for bullet in clauses.all("值") if (value := _value(bullet, clauses))], *values]
    any_of = _any_of(clauses)
    values.sort(key=lambda value: value.at[0])  # each may use the ones that stand before it
    standard_bullets = clauses.all("标准")
    standard = clauses.read(standard_bullets[0], Reader.standard) if standard_bullets else None
    places_bullet, decision = clauses.one("名额"), clauses.one("决定")
    places = clauses.read(places_bullet, Reader.places) if places_bullet else None
    rule = Rule(
        kind=block.kind, name=block.name, clause=block.clause, object=object_bullet.value.strip() if object_bullet else "", block=block,
        beneficiary=clauses.value("受益人", Reader.path_or_choice),
        timing=clauses.value("时点", Reader.path),
        window=_window(clauses),
        sources=clauses.values("来源", _source),
        conditions=clauses.values("条件", Reader.condition), any_of=any_of, vetoes=clauses.values("否决", Reader.condition),
        values=tuple(values), standard=standard, tiers=tiers[0] if tiers else None,
        frequency=clauses.value("频次", Reader.frequency), upgrade=clauses.value("晋档", Reader.upgrade),
        caps=clauses.values("封顶", Reader.cap), order=clauses.value("先后", Reader.expression),
        places=places, tie_rule=clauses.value("并列", Reader.tie_rule),
        rounding=clauses.value("舍入", lambda reader: reader.word(tuple(ROUNDINGS), "舍入")),
        funding=clauses.value("出资", lambda reader: reader.word((), "出资")),
        stacks_with=clauses.value("叠加", Reader.items) or (),
        decision=decision.value if decision else "", materials=clauses.names("材料"),
        notes=tuple(bullet.value for bullet in clauses.all("说明")), examples=examples,
    )  # fmt: skip
    if block.kind == "奖补":
        count = len(standard_bullets) + len(tiers)
        if count != 1:
            clauses.defects.append(clauses.document.defect("DX215", block.at, found="没有" if count == 0 else f"{count} 个"))
    if block.kind == "认定" and rule.decision not in ("应认定", "可认定"):
        clauses.defects.append(clauses.document.defect("DX212", decision.at if decision else block.at, key="决定", expected="应认定、可认定", found=rule.decision or "没有",
                                                       remedy="原文写“认定为”用应认定，写“可认定”用可认定。", remedy_en="应认定 where the text says 认定为, 可认定 where it says 可."))  # fmt: skip
    _declare(policy.rules, block.name, rule, clauses)


def _any_of(clauses: Clauses) -> tuple[Node, ...]:
    """任一: its conditions stand one a line below it, indented; on the line itself nothing."""
    bullet = clauses.one("任一")
    if bullet is None:
        return ()
    if bullet.value.strip() or len(bullet.children) < 2:
        at = bullet.at if bullet.value.strip() else bullet.key_at
        found = bullet.value.strip() or f"{len(bullet.children)} 项"
        clauses.defects.append(clauses.document.defect("DX201", at, expected="任一：后面换行，下面缩进写两个以上条件", found=found,
                                                       remedy="每个条件一行，前面空两格写“- ”；只有一个时写 条件。", remedy_en="one condition a line, indented; a single one is a 条件."))  # fmt: skip
    return tuple(read for child in bullet.children if (read := clauses.read(child, Reader.condition)) is not None)


def _value(bullet: Bullet, clauses: Clauses) -> Value | None:
    name, mark, _ = normalise(bullet.value).partition("=")
    if not mark:
        clauses.defects.append(
            clauses.document.defect(
                "DX201", bullet.at, expected="值：名 = 式", found=bullet.value, remedy="写成“值：名 = 式”。", remedy_en="write 值：name = expression."
            )
        )
        return None
    start = bullet.at[0] + len(name) + 1
    body = clauses.read(Cell(bullet.value[len(name) + 1 :], (start, bullet.at[1])), Reader.standard)
    return Value(name.strip(), body, at=(bullet.at[0], bullet.at[0] + len(name.strip()))) if body is not None else None


def _source(reader: Reader) -> Source:
    fact = reader.name("事实")
    word = reader.name("取自")
    if word.text != "取自":
        raise Unreadable(
            "DX201",
            word.at,
            expected="事实 取自 来源",
            found=word.text,
            remedy="写成“网络零售额 取自 统计直报”。",
            remedy_en="write: fact 取自 source.",
        )
    return Source(fact.text, reader.name("来源的名称").text, at=fact.at)


def _window(clauses: Clauses) -> FactWindow | None:
    bullet = clauses.one("期间")
    if not bullet:
        return None
    found = _WINDOW.match(normalise(bullet.value).replace(" ", ""))
    if not found:
        refused = refusal(bullet.value)
        if refused:
            clauses.defects.append(clauses.document.defect("DX213", bullet.at, **refused))
        else:
            clauses.defects.append(clauses.document.defect("DX201", bullet.at, expected="当年1月1日至9月30日、上年7月1日至当年6月30日", found=bullet.value,
                                                           remedy="写明从哪天到哪天。", remedy_en="write from which day to which."))  # fmt: skip
        return None
    first_year = -1 if found.group(1) == "上年" else 0
    last_year = {"上年": -1, "当年": 0, None: first_year}[found.group(4)]
    start, end = (first_year, int(found.group(2)), int(found.group(3))), (last_year, int(found.group(5)), int(found.group(6)))
    for year, month, day in (start, end):
        if parse_date(f"{2024 + year}-{month}-{day}") is None or (month, day) == (2, 29):
            clauses.defects.append(
                clauses.document.defect(
                    "DX201",
                    bullet.at,
                    expected="每年都有的一天",
                    found=f"{month}月{day}日",
                    remedy="改日期。",
                    remedy_en="use a day that every year has.",
                )
            )
            return None
    if end < start:
        clauses.defects.append(
            clauses.document.defect(
                "DX201", bullet.at, expected="起日在止日之前", found=bullet.value, remedy="改日期。", remedy_en="start before end."
            )
        )
        return None
    return FactWindow(start, end, bullet.value, at=bullet.at)


def read_tiers(table: Table, clauses: Clauses) -> Tiers:
    """A tier table; a row with a cell that cannot be read is left out, and reported."""
    heads: list[Any] = []
    names = [cell.text for cell in table.head[:-1]]
    places_column = names.index("名额") if "名额" in names else None
    columns = [place for place in range(len(names)) if place != places_column]
    for place in columns:
        cell = table.head[place]
        heads.append(Subject(at=cell.at) if cell.text == "情形" else clauses.read(cell, Reader.expression))
    if len(table.rows) == 1 and all(table.rows[0][place].text == "另定" for place in (*columns, len(names))):
        head = tuple(names[place] for place in columns)
        row = TierRow(tuple(item for item in heads if item is not None), Open("另定", None, at=table.rows[0][-1].at), "", at=table.rows[0][0].at)
        return Tiers(head, (row,), True, at=table.at)
    if not table.rows:
        clauses.defects.append(clauses.document.defect("DX201", table.at, expected="至少一行", found="一行也没有", remedy="写上档次，或删去表头。",
                                                       remedy_en="write the rows, or delete the head."))  # fmt: skip
    rows = []
    for row in table.rows:
        cells: list[Node] = []
        for head, place in zip(heads, columns, strict=True):
            cell = row[place]
            if head is None:
                continue
            if cell.text in ("", "—", "不限"):
                cells.append(Always(at=cell.at))
            elif isinstance(head, Subject):
                cells.append(clauses.read(cell, Reader.condition))
            else:
                cells.append(clauses.read(cell, lambda reader, head=head: reader.tier_cell(head)))
        value = clauses.read(row[-1], Reader.standard)
        places = None
        if places_column is not None and row[places_column].text not in ("", "—", "不限"):
            cell = row[places_column]
            places = clauses.read(Cell(cell.text, cell.at), _tier_places)
        if value is not None and None not in cells:  # a row that cannot be read is left out
            label = "，".join(row[place].text for place in columns if row[place].text not in ("", "—"))
            rows.append(TierRow(tuple(cells), value, label, places, at=(row[0].at[0], row[-1].at[1])))
    return Tiers(tuple(names[place] for place in columns), tuple(rows), at=table.at)


def _tier_places(reader: Reader) -> Any:
    """前六名 in a cell: the order is the award's 名额次序 clause, or the head of the table's first figure."""
    start = reader.token
    if start.kind == "first":
        reader.take()
        return Places(start.value, "名", (), True, None, True, Number(start.value, "名", start.text, at=start.at), at=start.at)
    return reader.places()


# --- 口径 -------------------------------------------------------------------------------------------------------------------------------


def _reading(policy: Policy, clauses: Clauses) -> None:
    block = clauses.block
    question, reason = clauses.prose("问题", needed=True), clauses.prose("理由", needed=True)
    choice_bullet, options_bullet = clauses.one("选择", needed=True), clauses.one("选项")
    columns: dict[str, dict[str, Cell]] = {}
    options: list[str] = []
    if options_bullet:
        offset = options_bullet.at[0]
        for part in options_bullet.value.split("、"):
            text = part.strip()
            place = offset + part.index(text) if text else offset
            options.append(normalise(text))
            columns.setdefault(block.name, {})[normalise(text)] = Cell(text, (place, place + len(text)))
            offset += len(part) + 1
    for table in block.tables:
        if table.head[0].text == "例":
            continue
        for row in table.rows:
            option = normalise(row[0].text)
            if option in options:
                clauses.defects.append(clauses.document.defect("DX302", row[0].at, found=option))
                continue
            options.append(option)
            for head, cell in zip(table.head[1:], row[1:], strict=True):
                columns.setdefault(head.text, {})[option] = cell
    choice = normalise(choice_bullet.value.strip()) if choice_bullet else ""
    if not options:
        clauses.defects.append(clauses.document.defect("DX205", block.at, kind="口径", name=block.name, key="选项"))
    elif choice and choice not in options:
        assert choice_bullet
        clauses.defects.append(clauses.document.defect("DX702", choice_bullet.at, reading=block.name, expected="、".join(options), found=choice))
    if options and choice not in options:
        choice = options[0]
    reading = Reading(block.name, question, tuple(options), choice, reason, columns, block)
    for column in columns:
        other = policy.column(column)
        if other:
            clauses.defects.append(clauses.document.defect("DX302", block.at, clauses.document.place(other.block.at), found=f"【{column}】"))
    _declare(policy.readings, block.name, reading, clauses)


# --- 就高, 总额, 通则, 程序, 参数 -----------------------------------------------------------------------------------------------------


def parse_groups(table: Table, document: Document, defects: list[Diagnostic]) -> tuple[Group, ...]:
    """The rows of a 就高 table, of a policy or of a year's file."""
    columns = [table.column(name) for name in ("组", "奖补", "同一", "处理")]
    if any(place is None for place in columns):
        defects.append(
            document.defect(
                "DX204",
                table.at,
                kind="就高",
                found="、".join(cell.text for cell in table.head),
                expected="组、奖补、同一、处理",
                remedy="表头写这四列。",
                remedy_en="use these four columns.",
            )
        )
        return ()
    groups = []
    for row in table.rows:
        name, awards, same, treatment = (row[place] for place in columns if place is not None)
        members: dict[str, tuple[str, ...]] | None = {}
        if awards.text == "全部奖补":
            members = None
        else:
            for part in re.split("、(?![^（(]*[）)])", awards.text):
                found = re.match(r"([^（(]+)(?:[（(](.+)[）)])?$", part.strip())
                if found and members is not None:
                    members[found.group(1).strip()] = tuple(piece.strip() for piece in found.group(2).split("、")) if found.group(2) else ()
        if treatment.text not in ("就高", "提示"):
            defects.append(
                document.defect(
                    "DX212", treatment.at, key="处理", expected="就高、提示", found=treatment.text, remedy="选一种。", remedy_en="choose one."
                )
            )
        groups.append(Group(name.text, members, tuple(part.strip() for part in same.text.split("、")), treatment.text, row[0].at))
    return tuple(groups)


def _highest(policy: Policy, clauses: Clauses) -> None:
    block = clauses.block
    groups = tuple(group for table in block.tables if table.head[0].text == "组" for group in parse_groups(table, clauses.document, clauses.defects))
    clauses.value("并列", lambda reader: reader.word(("条款在前",), "并列"))
    method = clauses.value("方式", lambda reader: reader.word(("金额从高", "申报单位选择"), "方式"))
    policy.highest.append(Highest(
        block.name, clauses.value("启用", Reader.items), groups,
        clauses.value("其他政策", lambda reader: reader.word(("差额", "排除"), "其他政策")),
        clauses.value("抵扣次序", lambda reader: reader.word(("封顶后", "封顶前"), "抵扣次序")),
        method.text if isinstance(method, Word) else "金额从高", block, block.clause))  # fmt: skip


def _total(policy: Policy, clauses: Clauses) -> None:
    block = clauses.block
    bullet = clauses.one("范围", needed=True)
    read = clauses.read(bullet, read_range) if bullet else None
    amount = clauses.value("额度", read_total_amount, needed=True)
    overrun = clauses.value("超出", lambda reader: reader.word(OVERRUNS, "超出"), needed=True)
    if read is None or amount is None:
        return
    range_all, items, register, path = read
    if isinstance(overrun, Word) and (overrun.text == "不予登记") is not bool(register):
        fits = ("不予登记",) if register else tuple(word for word in OVERRUNS if word != "不予登记")
        clauses.defects.append(clauses.document.defect("DX212", overrun.at, key="超出", expected="、".join(fits), found=overrun.text,
                                                       remedy="登记的总额用不予登记，奖补的用其余几种。", remedy_en="不予登记 is for registers, the others for awards."))  # fmt: skip
    policy.totals.append(Total(block.name, block.clause, range_all, items, register, path, amount[0], amount[1], overrun, block))


def read_range(reader: Reader) -> tuple[bool, tuple[Any, ...], str, Any]:
    """范围 or 适用: (all awards, the ones named or excepted, register, path to its amount)."""
    if reader.accept("全部奖补"):
        items: tuple[Any, ...] = ()
        if reader.accept(","):
            reader.expect("除")
            items = reader.items()
        return True, items, "", None
    token = reader.token
    if token.kind == "name" and "的" in token.text:
        path = reader.path()
        return False, (), path.names[0], path
    return False, reader.items(), "", None


def read_total_amount(reader: Reader) -> tuple[Node, Any]:
    """额度: an amount and the scope it is for."""
    amount = reader.expression()
    scope = reader.lasting_scope("额度")
    if isinstance(scope, Scope) and scope.together:
        raise Unreadable("DX201", scope.at, expected="额度：数 范围", found="后面还有“与 … 合计”", remedy="去掉；管哪些奖补写在范围里。",
                         remedy_en="delete it; 范围 says which awards count.")  # fmt: skip
    if not isinstance(scope, Choice) and scope.time is None:
        raise Unreadable("DX211", scope.at, key="额度", found="没有期间")
    return amount, scope


def _general(policy: Policy, clauses: Clauses) -> None:
    block = clauses.block
    bullet = clauses.one("适用")
    applies = clauses.read(bullet, read_range) if bullet else (True, (), "", None)
    vetoes = clauses.values("否决", _veto)
    validity = clauses.value("有效期", _validity)
    provisional = clauses.one("参照")
    start = parse_date(re.split(r"\s|起|至", provisional.value.strip())[0]) if provisional else None
    if provisional and start is None:
        clauses.defects.append(
            clauses.document.defect(
                "DX201", provisional.at, expected="2025年1月1日 起", found=provisional.value, remedy="写明起日。", remedy_en="write the first day."
            )
        )
    effective = clauses.one("施行")
    effective_day = parse_date(effective.value.strip().removesuffix("起").strip()) if effective else None
    if effective and effective_day is None and effective.value.strip() != "未定":
        clauses.defects.append(
            clauses.document.defect(
                "DX201", effective.at, expected="日期，或“未定”", found=effective.value, remedy="写日期；空缺写“未定”。", remedy_en="a date, or 未定."
            )
        )
    clauses.all("说明")
    policy.generals.append(General(
        block.name, block.clause, block, applies[0] if applies else True, applies[1] if applies else (),
        clauses.values("条件", Reader.condition), vetoes, clauses.prose("状态"), effective_day, start, validity,
        clauses.value("年度", lambda reader: reader.word(YEAR_RULES, "年度")),
        clauses.value("舍入", lambda reader: reader.word(tuple(ROUNDINGS), "舍入")),
        clauses.names("废止"), clauses.value("历史", Reader.items), clauses.values("来源", _source),
        clauses.value("未定标准", lambda reader: reader.word(("暂估", "不计算"), "未定标准")),
        tuple(table for table in block.tables if table.head[0].text == "例")))  # fmt: skip


def _veto(reader: Reader) -> tuple[Node, bool]:
    condition = reader.condition()
    claw_back = False
    if reader.accept(","):
        reader.expect("追回已付")
        claw_back = True
    return condition, claw_back


def _validity(reader: Reader) -> tuple[Any, Any]:
    start = reader.take()
    if start.kind != "date":
        raise Unreadable(
            "DX201", start.at, expected="2022年10月1日 至 2027年9月30日", found=start.text, remedy="写明起止日期。", remedy_en="write both dates."
        )
    if reader.accept("起"):
        return start.value, None
    if reader.token.kind == "suffix":
        reader.take()
        return start.value, None
    if reader.token.kind != "to":
        raise reader.unexpected("至")
    reader.take()
    end = reader.take()
    if end.kind != "date":
        raise Unreadable("DX201", end.at, expected="止日", found=end.text, remedy="写明止日。", remedy_en="write the last day.")
    if start.value and end.value and end.value < start.value:
        raise Unreadable("DX201", (start.at[0], end.at[1]), expected="起日在止日之前", found=f"{start.text} 至 {end.text}", remedy="对照原文改日期。",
                         remedy_en="mend the dates by the text.")  # fmt: skip
    return start.value, end.value


def _procedure(policy: Policy, clauses: Clauses) -> None:
    block = clauses.block
    clauses.all("说明")
    steps = tuple({head.text: cell.text for head, cell in zip(table.head, row, strict=True)} for table in block.tables for row in table.rows)
    policy.procedures.append(Procedure(block.name, block.clause, steps, block))


def _parameter(policy: Policy, clauses: Clauses) -> None:
    block = clauses.block
    unit = clauses.prose("单位")
    clauses.all("说明")
    parameter = Parameter(block.name, normalise(unit), clauses.names("按"), clauses.prose("由"), block, block.clause)
    _declare(policy.parameters, block.name, parameter, clauses)


_KINDS: dict[str, Callable[[Policy, Clauses], None]] = {
    "奖补": _rule, "认定": _rule, "登记": _rule, "口径": _reading, "就高": _highest, "总额": _total, "通则": _general, "程序": _procedure, "参数": _parameter,
}  # fmt: skip

assert set(_KINDS) == set(BLOCKS)
_TABLES = {"就高": ("组", "例"), "总额": ("例",), "通则": ("例",), "参数": ()}  # the first heads a block may have; any where it is not named
_WITHOUT_EXAMPLES = ("认定", "口径", "程序", "参数")
