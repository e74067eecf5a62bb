"""What the printouts say: each sentence once, in Chinese, with its English beside it; and numbers, units and missing facts in both languages.

A printout asks for the Chinese sentence and names what stands in it, `say("还差 {amount}", language, amount=…)`; a sentence without an English
one is a mistake a test finds. Names of facts, objects and awards are the policy's own and are never translated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from .english import ENGLISH
from .facts import Missing, window_text
from .messages import Language
from .money import decimal_text, yuan_text
from .terms import OTHER_POLICY, REPEALED, THIS_POLICY, Outcome, Waits
from .units import COUNTS

_ONE_CHARACTER = frozenset(unit for unit in COUNTS if len(unit) == 1)
_UNITS = {"元": " yuan", "美元": " US dollars", "欧元": " euros", "港元": " HK dollars", "平方米": " m²", "平米": " m²", "m2": " m²", "亩": " mu", "米": " m",
          "公里": " km", "立方米": " m³", "吨": " t", "公斤": " kg", "千克": " kg", "千瓦时": " kWh", "度": " kWh", "年": " years", "个月": " months",
          "月": " months", "日": " days", "天": " days", "分": " points", "分钟": " minutes", "%": "%", "‰": "‰", "倍": " times"}  # fmt: skip


def number_text(value: Any, language: Language = "zh") -> str:
    """A number for people: exact where it has a finite decimal, else marked as rounded to four places; English groups thousands."""
    value = Fraction(value)
    text = decimal_text(value)
    if "/" in text:
        text = ("约" if language == "zh" else "about ") + decimal_text(value, 4).rstrip("0").rstrip(".")
    if language == "zh":
        return text
    return re.sub(r"(?<![.\d])\d{4,}", lambda found: f"{int(found.group()):,}", text)


def amount_text(fen: Any, language: Language = "zh") -> str:
    """An amount in 分 for people: `2.1亿元`, `30万元`, `15002.5元`; `300,000 yuan`, `15,002.5 yuan`."""
    if fen.__class__ is int:
        return _whole_fen(fen, language)
    if language == "zh":
        return yuan_text(fen) if "/" not in decimal_text(Fraction(fen)) else number_text(Fraction(fen) / 100) + "元"
    return number_text(Fraction(fen) / 100, "en") + " yuan"


def _whole_fen(fen: int, language: Language) -> str:
    """The same for whole 分, which is nearly every amount; without a fraction in sight it is ten times as fast."""
    sign, yuan, rest = "-" if fen < 0 else "", *divmod(abs(fen), 100)
    small = f".{rest:02d}".rstrip("0") if rest else ""
    if language == "en":
        return f"{sign}{yuan:,}{small} yuan"
    if not fen or rest or yuan % 10_000:
        return f"{sign}{yuan}{small}元"
    wan = yuan // 10_000
    if wan < 10_000:
        return f"{sign}{wan}万元"
    return f"{sign}{wan // 10_000}{f'.{wan % 10_000:04d}'.rstrip('0') if wan % 10_000 else ''}亿元"


def unit_word(unit: str, language: Language = "zh") -> str:
    """A unit behind a number. Counting units (家, 人, 项) have no English word: the fact's name says what is counted."""
    if language == "zh":
        return unit
    parts = [_UNITS.get(part, "") for part in unit.split("/")]
    return parts[0] + "".join("/" + part.strip().removesuffix("s") for part in parts[1:])


def period_text(period: Any, language: Language = "zh") -> str:
    """A year or a window, as it stands before a fact's name."""
    if period is None:
        return ""
    if isinstance(period, int):
        return f"{period}年" if language == "zh" else f"{period}"
    return window_text(period) if language == "zh" else f"{period[0].isoformat()} to {period[1].isoformat()}"


def missing_text(item: Missing, language: Language = "zh") -> str:
    """One missing fact as a thing to supply."""
    if language == "zh":
        return item.text
    note = f" ({_note(item.note)})" if item.note else ""
    return " ".join(part for part in (_note(item.kind), item.key, period_text(item.period, "en"), _note(item.fact)) if part) + note


def waits_text(waits: Waits, language: Language = "zh") -> str:
    return waits.value if language == "zh" else _WAITS[waits]


def document_text(document: str, language: Language = "zh") -> str:
    """Which document a payment was made under."""
    return document if language == "zh" else _DOCUMENTS.get(document, document)


def listed(items: Iterable[str], language: Language = "zh") -> str:
    """Names in a row: 、 or commas."""
    return ("、" if language == "zh" else ", ").join(items)


def joined(parts: Iterable[str], language: Language = "zh") -> str:
    """Parts of a sentence in a row: ； or semicolons."""
    return ("；" if language == "zh" else "; ").join(parts)


def outcome_text(outcome: Outcome, language: Language = "zh") -> str:
    return outcome.value if language == "zh" else _OUTCOMES[outcome]


def say(text: str, language: Language = "zh", /, **details: Any) -> str:
    """A sentence of the printouts in one language, its {names} filled in."""
    return (text if language == "zh" else ENGLISH[text]).format(**details)


def reason_text(reason: str, language: Language = "zh", words: Mapping[str, str] | None = None) -> str:
    """A reason the waterfall wrote (in Chinese) in one language. words: what the policy's own clauses are in English."""
    if language == "zh" or not reason:
        return reason.replace("补差(已付金额)", "补差（已付金额）").replace("补差(档位标准)", "补差（档位标准）")
    whole = _one_reason(reason, words or {})
    return whole if whole != reason else "; ".join(_one_reason(part, words or {}) for part in reason.split("；"))


def _one_reason(text: str, words: Mapping[str, str]) -> str:
    for pattern, english in _REASONS:
        if found := pattern.fullmatch(text):
            return english.format(**{name: words.get(value) or _inner(value) for name, value in found.groupdict(default="").items()})
    return text


def _inner(text: str) -> str:
    """Amounts, years and the few words that stand inside a reason."""
    text = _INSIDE.get(text, text)
    for chinese, english in _METHODS.items():
        text = text.replace(chinese, english)
    text = re.sub(r"(-?\d+(?:\.\d+)?)万元", lambda found: amount_text(Fraction(found.group(1)) * 10**6, "en"), text)
    text = re.sub(r"(-?\d+(?:\.\d+)?)元", lambda found: amount_text(Fraction(found.group(1)) * 100, "en"), text)
    text = re.sub(r"(\d)(?:平方米|平米)", r"\1 m²", text)
    text = re.sub(rf"(\d)[{''.join(sorted(_ONE_CHARACTER))}](?=$|[、，。；（(])", r"\1", text)
    text = re.sub(r"(\d{4})年 ", r"\1 ", text).replace("、", ", ")
    return text


def _note(text: str) -> str:
    for pattern, english in _NOTES:
        if found := pattern.fullmatch(text):
            return english.format(**found.groupdict())
    return text


def _patterns(*pairs: tuple[str, str]) -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(pattern), english) for pattern, english in pairs]


# --- English --------------------------------------------------------------------------------------------------------------------------

_WAITS = {Waits.APPLICANT: "the applicant", Waits.OFFICE: "the office", Waits.CYCLE: "the settlement of this cycle"}
_DOCUMENTS = {THIS_POLICY: "this policy", REPEALED: "a repealed document", OTHER_POLICY: "another policy"}
_OUTCOMES = {
    Outcome.CANCELLED: "cancelled", Outcome.ALREADY_AWARDED: "already awarded", Outcome.NOT_MET: "not met", Outcome.NEEDS_DATA: "waiting",
    Outcome.CAP_EXHAUSTED: "cap used up", Outcome.PROVISIONAL: "estimate", Outcome.PAYABLE: "payable", Outcome.REGISTRABLE: "registrable",
}  # fmt: skip
_INSIDE = {"是": "yes", "否": "no", "无": "none", "？": "?", "补差(已付金额)": "difference to what was paid", "补差(档位标准)": "difference of standards",
           "全额": "in full again"}  # fmt: skip
_METHODS = {
    "按比例核减": "cut in proportion", "先到先得": "first come, first served", "不予登记": "not registered", "下调标准（各项另定标准按 ": "the year's standards lowered to ",
    " 下调）": "", "（没有另定较低标准时的兜底办法）": " (the fallback where no lower standards were set)",
}  # fmt: skip
_REASONS = _patterns(
    (r"不满足：(?P<what>.+)，实际 (?P<value>.*)", "fails: {what}, actually {value}"),
    (r"不满足：(?P<what>.+)", "fails: {what}"),
    (r"否决：(?P<what>.+)", "vetoed: {what}"),
    (r"有否决情形", "a veto applies"),
    (r"一项都不满足：(?P<what>.+)", "none is met: {what}"),
    (r"没有达到任何一档（(?P<what>.*)）", "no tier is reached ({what})"),
    (r"(?P<year>\d+) 年度不在有效期内（.*）", "the year {year} is outside the validity"),
    (r"(?P<what>.+) 不在有效期内", "{what} is outside the validity"),
    (r"按标准算出来是 0 元", "the standard comes to 0 yuan"),
    (r"年限已满：(?P<what>.+)，已享受 (?P<years>.+) 年", "the years are used up: {what}, awarded in {years}"),
    (r"(?P<how>补差.*?|全额|不补)：(?P<what>.+)，已付 (?P<paid>.+)", "top-up ({how}): {what}, paid {paid}"),
    (r"封顶 (?P<what>.+?)，已用 (?P<used>.+)", "cap {what}, {used} used"),
    (r"封顶 (?P<what>.+)", "cap {what}"),
    (r"其他政策已付 (?P<paid>.+)，补差额", "{paid} paid under another policy, the difference is paid"),
    (r"其他政策已付 (?P<paid>.+)，不再享受", "{paid} paid under another policy, nothing more is paid"),
    (r"就高（(?P<group>.+)）：(?P<other>\S+) (?P<more>\S+) 较高，本项 (?P<less>\S+) 不再享受",
     "the higher one only ({group}): {other} is higher with {more}, {less} here lapses"),
    (r"就高（(?P<group>.+)）：(?P<other>\S+) (?P<less>\S+) 不再享受", "the higher one only ({group}): {less} of {other} lapses"),
    (r"提示：与(?P<others>.+)可能是同一事项（(?P<group>.+)）", "note: may be the same matter as {others} ({group})"),
    (r"名额：(?P<count>\d+) 家并列平分 (?P<places>\d+) 个名额（(?P<what>.+)）", "places: {count} tied share {places} ({what})"),
    (r"第 (?P<place>\d+) 名，在名额之外（(?P<what>.+)）", "no. {place}, outside the places ({what})"),
    (r"(?P<total>.+) (?P<left>\S+元)，申报合计 (?P<claimed>\S+元)：(?P<method>.+)", "{total} {left}, claims {claimed}: {method}"),
    (r"暂估，不能支付：(?P<what>.+) 的本年标准未定", "estimate, not payable: no standard of the year for {what}"),
    (r"征求意见稿：只能试算，不能支付。", "Draft for comment: a trial only, nothing is payable."),
    (r"(?P<total>.+)未定：没有做总额控制，定下以前不能支付。", "{total} is not set: no total was applied, nothing is payable before it is."),
    (r"(?P<total>.+)不足，已(?P<method>.+?)；另有 (?P<count>\d+) 笔待补充没有参加分配。", "{total} falls short: {method}; {count} waiting claims took no part."),
    (r"(?P<total>.+)不足，已(?P<method>.+)。", "{total} falls short: {method}."),
    (r"(?P<what>.+)，已付 (?P<paid>.+)", "{what}, paid {paid}"),
    (r"四舍五入到分", "round half up to 0.01 yuan"), (r"舍去到分", "round down to 0.01 yuan"),
    (r"四舍五入到元", "round half up to 1 yuan"), (r"舍去到元", "round down to 1 yuan"),
    (r"四舍五入到万元", "round half up to 10,000 yuan"), (r"舍去到万元", "round down to 10,000 yuan"),
)  # fmt: skip
_NOTES = _patterns(
    (r"年度标准未定", "the year's standard is not set"), (r"名单未定", "the list is not set"), (r"政策没有写", "not stated in the policy"),
    (r"参数未定，由(?P<whom>.+)给出", "parameter not set, given by {whom}"), (r"分档标准未定", "the table is not set"), (r"出资未定", "the funding is not set"),
    (r"可由明细算出", "or its details"), (r"为“无”，无法计算", "is none, cannot be computed"), (r"除数为 0 或负数", "the divisor is 0 or negative"),
    (r"上年为 0 或负数", "last year is 0 or negative"), (r"前年为 0 或负数", "two years ago is 0 or negative"), (r"没有一行相符", "no row fits"),
    (r"还没有得过奖", "not awarded yet"), (r"没有受益人", "no payee"), (r"没有(?P<what>.+)", "there is no {what}"),
    (r"列表只能用在合计、个数里", "a list stands only in a sum or count"), (r"只能与年、月、日比较", "compared with years, months or days only"),
    (r"补齐该笔的受益人或对象", "complete the payee or object of the entry"), (r"补录当时的档位标准", "enter the standard it was paid for"),
    (r"填写后才能判断是否重复", "needed to see whether it is the same matter"), (r"台账", "ledger"), (r"名额", "places"),
    (r"(?P<year>\d{4})年 (?P<what>.+)", "{year} {what}"), (r"属于谁", "whose it is"), (r"档位标准", "its standard"),
    (r"(?P<what>.+)清单", "list of {what}"), (r"名次（与(?P<whom>.+)比较）", "rank (against {whom})"), (r"名次（排序依据未知）", "rank (what it is ranked by is unknown)"),
    (r"从 (?P<all>\d+) 项里选 (?P<some>\d+) 项", "choose {some} of {all}"), (r"就高“(?P<group>.+)”的同一事项", "the matter of “{group}”"),
)  # fmt: skip
