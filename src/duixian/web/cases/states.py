"""The one table of states: what each is called inside and in public words, and every move there is. What is not here is refused and recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from duixian.web.registry.models import Role


class Words(NamedTuple):
    """What a state is called by staff, what an applicant reads, which colour of meaning it has (plain, wait, good, bad)."""

    inside: str
    public: str
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class Move:
    """An action that leads from some states to another. label: the button; needs_reason: refused without one."""

    action: str
    label: str
    sources: tuple[str, ...]
    target: str
    roles: tuple[Role, ...]
    needs_reason: bool = False
    stage: str = ""  # the desk of the procedure at which it is taken
    dangerous: bool = False


STATES: dict[str, Words] = {
    "draft": Words("草稿", "草稿，还没有提交"),
    "submitted": Words("待属地核实", "已提交，等待属地核实", "wait"),
    "returned": Words("退回补正", "请补正后重新提交", "wait"),
    "verified": Words("待审核", "属地已核实，等待审核", "wait"),
    "auditing": Words("待审计", "审核通过，等待审计", "wait"),
    "reviewed": Words("待核算", "审核完成，等待核算", "wait"),
    "decided": Words("已核定", "金额已核定", "good"),
    "rejected": Words("不予受理", "不予受理", "bad"),
    "withdrawn": Words("已撤回", "已撤回"),
}
_A, _T, _O, _H, _U = Role.APPLICANT, Role.TOWNSHIP, Role.OFFICER, Role.HEAD, Role.AUDITOR
MOVES: tuple[Move, ...] = (
    Move("submit", "提交", ("draft",), "submitted", (_A, _O)),
    Move("resubmit", "补正后提交", ("returned",), "submitted", (_A, _O)),
    Move("withdraw", "撤回", ("draft", "submitted", "returned", "verified"), "withdrawn", (_A,), dangerous=True),
    Move("withdraw_paper", "撤回代录", ("draft",), "withdrawn", (_O,), dangerous=True),
    Move("verify", "属实", ("submitted",), "verified", (_T,), stage="verify"),
    Move("deny", "不属实", ("submitted",), "verified", (_T,), needs_reason=True, stage="verify"),
    Move("return_township", "退回补正", ("submitted",), "returned", (_T,), needs_reason=True, stage="verify"),
    Move("return_bureau", "退回补正", ("verified",), "returned", (_O,), needs_reason=True, stage="review"),
    Move("accept", "审核通过", ("verified",), "reviewed", (_O,), stage="review"),
    Move("accept_to_audit", "审核通过，送审计", ("verified",), "auditing", (_O,), stage="review"),
    Move("prolong", "改补正期限", ("returned",), "returned", (_T, _O), needs_reason=True),
    Move("reject", "不予受理", ("verified", "returned"), "rejected", (_O,), needs_reason=True, stage="review", dangerous=True),
    Move("audit", "审计完成", ("auditing",), "reviewed", (_U,), stage="audit"),
    Move("reopen", "退回审核", ("reviewed", "auditing", "rejected"), "verified", (_H,), needs_reason=True, dangerous=True),
    Move("decide", "核定", ("reviewed",), "decided", (_H,)),
)

LINE: dict[str, Words] = {
    "computed": Words("已核算", "已核算"),
    "decided": Words("已核定", "金额已核定", "good"),
    "noticed": Words("公示中", "正在公示", "wait"),
    "suspended": Words("异议处理中", "有异议，正在核实", "wait"),
    "committed": Words("公示无异议", "公示结束，等待拨付", "wait"),
    "requested": Words("已请款", "正在拨付", "wait"),
    "paid": Words("已拨付", "已拨付", "good"),
    "returned": Words("银行退回", "银行退回，请核对账户", "bad"),
    "recovered": Words("已追回", "已追回", "bad"),
    "dropped": Words("不予拨付", "不予拨付", "bad"),
    "nothing": Words("无应付", "本次没有应付金额"),
}
LINE_MOVES: dict[tuple[str, str], str] = {  # (state, action) -> state
    ("computed", "decide"): "decided", ("computed", "close"): "nothing", ("decided", "notice"): "noticed", ("noticed", "suspend"): "suspended",
    ("suspended", "clear"): "noticed", ("suspended", "drop"): "dropped", ("noticed", "commit"): "committed", ("committed", "request"): "requested",
    ("requested", "recall"): "committed", ("requested", "fail"): "returned", ("requested", "pay"): "paid", ("paid", "return"): "returned", ("returned", "correct"): "committed", ("paid", "recover"): "recovered",
}  # fmt: skip

SPECIAL: dict[str, Words] = {
    "proposed": Words("待确认", "待确认", "wait"), "refused": Words("未同意", "未同意", "bad"), "decided": Words("已确认，待公示", "已确认，等待公示", "wait"),
} | {key: LINE[key] for key in ("noticed", "suspended", "dropped", "committed", "requested", "paid", "returned", "recovered")}  # fmt: skip
SPECIAL_MOVES: dict[tuple[str, str], str] = {("proposed", "confirm"): "decided", ("proposed", "refuse"): "refused"} | {
    key: target for key, target in LINE_MOVES.items() if key[0] in SPECIAL and target in SPECIAL
}

CYCLE: dict[str, Words] = {
    "preparing": Words("准备", "尚未开始"),
    "open": Words("受理中", "正在受理申报", "good"),
    "closed": Words("办理中", "申报已截止，正在办理", "wait"),
    "decided": Words("已核定", "金额已核定", "wait"),
    "noticed": Words("公示中", "正在公示", "wait"),
    "paying": Words("拨付中", "正在拨付", "wait"),
    "finished": Words("办结", "已办结"),
}
CYCLE_MOVES: dict[tuple[str, str], str] = {
    ("preparing", "open"): "open", ("open", "close"): "closed", ("closed", "reopen"): "open", ("closed", "decide"): "decided",
    ("decided", "publish"): "noticed", ("noticed", "end_notice"): "paying", ("paying", "finish"): "finished",
}  # fmt: skip

REQUEST: dict[str, Words] = {
    "prepared": Words("待复核", "待复核", "wait"), "sent": Words("已送财政", "已送财政", "wait"), "done": Words("已办结", "已办结", "good"),
    "recalled": Words("已撤回", "已撤回"),
}  # fmt: skip
PAYMENT: dict[str, Words] = {
    "prepared": Words("待复核", "待复核", "wait"), "requested": Words("待拨付", "正在拨付", "wait"), "paid": Words("已拨付", "已拨付", "good"),
    "returned": Words("银行退回", "银行退回", "bad"), "recalled": Words("已撤回", "已撤回"),
}  # fmt: skip
SETTLEMENT: dict[str, Words] = {"trial": Words("试算", "试算"), "proposed": Words("待确认", "待确认", "wait"), "frozen": Words("已确认", "已确认", "good")}
NOTICE: dict[str, Words] = {"published": Words("公示中", "正在公示", "wait"), "finished": Words("已结束", "公示已结束")}
OBJECTION: dict[str, Words] = {"open": Words("待答复", "待答复", "wait"), "upheld": Words("成立", "成立", "bad"), "dismissed": Words("不成立", "不成立", "good")}
JOB: dict[str, Words] = {
    "waiting": Words("排队", "排队", "wait"), "running": Words("进行中", "进行中", "wait"), "done": Words("完成", "完成", "good"), "failed": Words("没有完成", "没有完成", "bad"),
    "stopped": Words("已停止", "已停止"),
}  # fmt: skip


_NAMES = {one.action: one for one in MOVES}


def move(action: str) -> Move:
    """A move of an application by its name. Raises KeyError for one there is none of: that is a fault of the program."""
    return _NAMES[action]


def open_moves(state: str, role: str) -> list[Move]:
    """What a role may do with an application in a state."""
    return [one for one in MOVES if state in one.sources and role in one.roles]
