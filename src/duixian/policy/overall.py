"""What holds for the policy as a whole: 就高, 总额, 通则, 程序, 参数. Blocks → records, one function a kind."""

from __future__ import annotations

import re
from typing import Any

from ..values.diagnostic import Diagnostic
from ..values.money import ROUNDINGS
from ..values.period import parse_date
from ..values.units import is_unit
from .clauses import Clauses, declare, read_source, spelled
from .cursor import Unreadable
from .document import Document, Table
from .lexer import Token, normalise
from .model import General, Group, Highest, Parameter, Policy, Procedure, Total
from .suggest import remedies, unit_remedy
from .syntax import OVERRUNS, Choice, Node, Scope, Word
from .terms import Reader

DRAFT, IN_FORCE = "征求意见稿", "正式"
STATES = (DRAFT, IN_FORCE)
YEAR_RULES = ("年末在有效期内", "年内有一日在有效期内")


def parse_groups(table: Table, document: Document, defects: list[Diagnostic]) -> tuple[Group, ...]:
    """The rows of a 就高 table, of a policy or of a year's file."""
    if again := document.repeated_head(table):
        defects.append(again)
        return ()
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
        spelled(name.at, name.text, document, defects)
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


def read_highest(policy: Policy, clauses: Clauses) -> None:
    """就高."""
    block = clauses.block
    groups = tuple(group for table in block.tables if table.head[0].text == "组" for group in parse_groups(table, clauses.document, clauses.defects))
    clauses.value("并列", lambda reader: reader.word(("条款在前",), "并列"))
    method = clauses.value("方式", lambda reader: reader.word(("金额从高", "申报单位选择"), "方式"))
    policy.highest.append(Highest(
        block.name, clauses.value("启用", Reader.items), groups,
        clauses.value("其他政策", lambda reader: reader.word(("差额", "排除"), "其他政策")),
        clauses.value("抵扣次序", lambda reader: reader.word(("封顶后", "封顶前"), "抵扣次序")),
        method.text if isinstance(method, Word) else "金额从高", block, block.clause))  # fmt: skip


def read_total(policy: Policy, clauses: Clauses) -> None:
    """总额."""
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


def read_general(policy: Policy, clauses: Clauses) -> None:
    """通则."""
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
        clauses.values("条件", Reader.condition), vetoes, _status(clauses), effective_day, start, validity,
        clauses.value("年度", lambda reader: reader.word(YEAR_RULES, "年度")),
        clauses.value("舍入", lambda reader: reader.word(tuple(ROUNDINGS), "舍入")),
        clauses.names("废止"), clauses.value("历史", Reader.items), clauses.values("来源", read_source),
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
    if reader.token.kind == "to":  # 自印发之日起施行，有效期至…
        reader.take()
        return None, _last_day(reader).value
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
    end = _last_day(reader)
    if start.value and end.value and end.value < start.value:
        raise Unreadable("DX201", (start.at[0], end.at[1]), expected="起日在止日之前", found=f"{start.text} 至 {end.text}", remedy="对照原文改日期。",
                         remedy_en="mend the dates by the text.")  # fmt: skip
    return start.value, end.value


def _last_day(reader: Reader) -> Token:
    end = reader.take()
    if end.kind != "date":
        raise Unreadable("DX201", end.at, expected="止日", found=end.text, remedy="写明止日。", remedy_en="write the last day.")
    return end


def _status(clauses: Clauses) -> str:
    """征求意见稿, which may be tried and is never paid, or ''; another word is reported."""
    bullet = clauses.one("状态")
    state = bullet.value.strip() if bullet else ""
    if bullet and state not in STATES:
        clauses.defects.append(clauses.document.defect("DX212", bullet.at, key="状态", expected="、".join(STATES), found=state, **remedies(state, STATES, "从列出的里选一种。", "choose one of the list.")))
    return DRAFT if state == DRAFT else ""


def read_procedure(policy: Policy, clauses: Clauses) -> None:
    """程序."""
    block = clauses.block
    clauses.all("说明")
    steps = tuple({head.text: cell.text for head, cell in zip(table.head, row, strict=True)} for table in block.tables for row in table.rows)
    policy.procedures.append(Procedure(block.name, block.clause, steps, block))


def read_parameter(policy: Policy, clauses: Clauses) -> None:
    """参数."""
    block = clauses.block
    unit = clauses.one("单位")
    named = normalise(unit.value) if unit else ""
    clauses.all("说明")
    doubtful = bool(named) and not is_unit(named)
    if unit and doubtful:
        clauses.defects.append(clauses.document.defect("DX209", unit.at, found=unit.value, **unit_remedy(named)))
    parameter = Parameter(block.name, "" if doubtful else named, clauses.names("按"), clauses.prose("由"), block, block.clause, doubtful)
    declare(policy.parameters, block.name, parameter, clauses)
