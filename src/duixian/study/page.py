"""A study as one HTML page that needs nothing else: no script, no picture, no font from elsewhere; it may be mailed, printed, kept.

The page forbids itself everything but its own style sheet (content security policy with the hash of the style).
"""

from __future__ import annotations

import base64
import hashlib
from fractions import Fraction
from html import escape

from ..values.messages import Language
from ..values.money import decimal_text
from .chart import HATCH, grouped, measure
from .parts import Cell, Chart, Fen, Section, Share, Table, Text
from .sections import label_text, sections, warnings
from .study import Study
from .style import STYLE
from .words import say


def page(study: Study, language: Language) -> str:
    """The whole page as text. The same study always gives the same page."""
    parts = sections(study, language)
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    title = f"{study.title} · {say('{year} 年度', language, year=study.year)} · {say('测算', language)}"
    return "\n".join([
        f'<!doctype html>\n<html lang="{"zh-CN" if language == "zh" else "en"}">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n<meta name="referrer" content="no-referrer">',
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{HATCH}",
        _head(study, language), "<main>", _glance(study, parts, language),
        *(_section(section, number, language) for number, section in enumerate(parts, 1)),
        f'<footer>{escape(say("所有金额都精确到分，由政策文件自己算出；图由同一张表画出。", language))}</footer>\n</main>\n</body>\n</html>\n',
    ])  # fmt: skip


def _head(study: Study, language: Language) -> str:
    tags = [f'<span class="tag wait">{escape(label_text(study, language))}</span>'] if study.label else []
    tags += [f'<span class="tag wait">{escape(say("征求意见稿", language))}</span>'] if study.draft else []
    facts = [study.issuer, say("{year} 年度", language, year=study.year), study.policy, *([study.date] if study.date else [])]
    brand = f'{escape(say("兑现", language))}<small>{escape(say("测算", language))}</small>'
    return (
        f'<header class="top"><div><span class="brand">{brand}</span><span class="who">{"".join(tags)}</span></div></header>\n'
        f'<div class="title"><h1>{escape(study.title)}</h1>\n<p class="sub">{" · ".join(escape(text) for text in facts if text)}</p></div>'
    )


def _glance(study: Study, parts: list[Section], language: Language) -> str:
    """What matters, first: the warnings, four numbers, the answers with a way to each."""
    out = ['<section class="card glance">', f"<h2>{escape(say('一眼看完', language))}</h2>"]
    out += [f'<p class="warn">{escape(text)}</p>' for text in warnings(study, language)]
    if study.cost is not None:
        cost = study.cost
        numbers = [(say("应付", language), grouped(Fraction(cost.payable, 100), 2), say("元", language))]
        if cost.estimate != cost.payable:
            numbers.append((say("含暂估", language), grouped(Fraction(cost.estimate, 100), 2), say("元", language)))
        numbers += [(say("得到的家（户、人）", language), f"{cost.payees:,}", ""), (say("算过的笔（含不符合）", language), f"{study.lines:,}", "")]
        figures = (f"<div><dt>{escape(name)}</dt><dd>{escape(value)}<small>{escape(unit)}</small></dd></div>" for name, value, unit in numbers)
        out.append(f'<dl class="figures">{"".join(figures)}</dl>')
    answers = [(number, section) for number, section in enumerate(parts, 1) if section.answer]
    out.append(f'<nav aria-label="{escape(say("目录", language))}"><ol class="answers">')
    for number, section in enumerate(parts, 1):
        said = escape(" ".join(section.answer) if (number, section) in answers else "")
        out.append(f'<li><a href="#{section.anchor}">{number}　{escape(section.title)}</a><span>{said}</span></li>')
    return "\n".join([*out, "</ol></nav>\n</section>"])


def _section(section: Section, number: int, language: Language) -> str:
    out = [f'<section class="card" id="{section.anchor}">', f'<h2><span class="number">{number}</span>{escape(section.title)}</h2>']
    out += [f'<p class="answer">{escape(text)}</p>' for text in section.answer]
    for block in section.blocks:
        if isinstance(block, Chart):
            out.append(f'<figure><div class="scroll">{block.svg}</div><figcaption>{escape(block.caption)}</figcaption></figure>')
        elif isinstance(block, Table):
            out.append(_table(block, language))
        elif isinstance(block, Text):
            out.append(f'<p class="{block.kind or "plain"}">{escape(block.text)}</p>')
    return "\n".join([*out, "</section>"])


def _table(table: Table, language: Language) -> str:
    rows = list(table.rows[: table.shown])
    seen = rows or ([table.foot] if table.foot is not None else [])
    numeric = [bool(seen) and all(_is_number(row[column]) for row in seen) and any(row[column] not in (None, "—", "") for row in seen)
               for column in range(len(table.head))]  # fmt: skip
    wide, short = (" wide", 5) if len(table.head) > 9 else ("", 12)
    out = [f'<div class="scroll"><table class="data{wide}"><caption>{escape(table.name)}</caption>\n<thead><tr>']
    out += [f'<th scope="col"{_number_class(number)}>{escape(title)}</th>' for title, number in zip(table.head, numeric, strict=True)]
    out.append("</tr></thead>\n<tbody>")
    for row in rows:
        out.append("<tr>" + "".join(f"<td{_cell_class(cell, number, short)}>{_said(cell)}</td>" for cell, number in zip(row, numeric, strict=True)) + "</tr>")
    if not rows:
        out.append(f'<tr><td colspan="{len(table.head)}">{escape(say("没有一行。", language))}</td></tr>')
    out.append("</tbody>")
    if table.foot is not None:
        cells = "".join(f"<td{_cell_class(cell, number, short)}>{_said(cell)}</td>" for cell, number in zip(table.foot, numeric, strict=True))
        out.append(f"<tfoot><tr>{cells}</tr></tfoot>")
    out.append("</table></div>")
    if len(table.rows) > table.shown:
        out.append(f'<p class="note">{escape(say("只列前 {shown} 行，共 {count} 行，全部在工作簿里。", language, shown=table.shown, count=len(table.rows)))}</p>')
    if table.note:
        out.append(f'<p class="note">{escape(table.note)}</p>')
    return "\n".join(out)


def _is_number(cell: Cell) -> bool:
    return cell is None or isinstance(cell, (Fen, Share, int)) or cell in ("—", "")


def _number_class(number: bool) -> str:
    return ' class="n"' if number else ""


def _cell_class(cell: Cell, number: bool, short: int) -> str:
    """How a cell is set. short: words of at most so many ems stay on one line."""
    names = ["n"] if number or isinstance(cell, (Fen, Share, int)) else []
    if isinstance(cell, Fen) and cell.signed and cell.value:
        names.append("up" if cell.value > 0 else "down")
    if cell in (0, None) or isinstance(cell, Fen) and not cell.value:
        names.append("zero")
    if isinstance(cell, str) and cell.startswith(("sha256:", "duixian ")):
        names.append("code")
    elif isinstance(cell, str) and not number and 0 < measure(cell) <= short:
        names.append("s")
    return f' class="{" ".join(names)}"' if names else ""


def _said(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Fen):
        text = grouped(Fraction(cell.value, 100), 2)
        return ("+" if cell.signed and cell.value > 0 else "") + text
    if isinstance(cell, Share):
        return decimal_text(Fraction(cell.part * 100, cell.whole), 1) + "%" if cell.whole else "—"
    return f"{cell:,}" if isinstance(cell, int) else escape(cell)
