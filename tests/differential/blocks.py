"""The blocks that concern several awards: 就高, 总额, 通则, 参数, 口径; and the sections of a year's file that add to them."""

from __future__ import annotations

from .awards import Award, Awards
from .expressions import Writer
from .words import ROUNDINGS

OVERRUNS = ("按比例核减", "下调标准", "先到先得")
DRAWN = ("按比例核减", "按比例核减", "先到先得", "先到先得", "按比例核减", "先到先得", "下调标准")


def block(kind: str, name: str, lines: list[str], tables: list[str] | None = None) -> str:
    """One #### block."""
    return "\n\n".join([f"#### {kind} {name}", "\n".join(lines), *(table.rstrip("\n") for table in tables or [])]) + "\n"


def reading_block(name: str, options: tuple[str, ...], columns: dict[str, tuple[str, ...]], chosen: int) -> str:
    """A 口径: as a list of options that are the texts themselves, or as a table."""
    lines = ["- 问题：怎样理解", "- 理由：随机"]
    if not options:
        texts = columns[name]
        return block("口径", name, [*lines, f"- 选项：{'、'.join(texts)}", f"- 选择：{texts[chosen % len(texts)]}"])
    rows = [["选项", *columns], ["---"] * (len(columns) + 1), *([option, *(cells[place] for cells in columns.values())] for place, option in enumerate(options))]
    table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    return block("口径", name + "口径", [*lines, f"- 选择：{options[chosen % len(options)]}"], [table])


def parameter_block(name: str, unit: str, keys: tuple[str, ...]) -> str:
    lines = [f"- 单位：{unit}"] if unit else []
    return block("参数", name, [*lines, *([f"- 按：{'、'.join(keys)}"] if keys else []), "- 由：县统计局"])


class Between:
    """Draws the blocks between awards."""

    def __init__(self, writer: Writer, awards: Awards, drawn: list[Award]) -> None:
        self.writer, self.rng, self.awards = writer, writer.rng, awards
        self.paying = [award for award in drawn if award.kind == "奖补"]
        self.registers = [award for award in drawn if award.kind == "登记"]

    def _some(self, most: int, least: int = 1) -> list[Award]:
        return self.rng.sample(self.paying, min(len(self.paying), self.rng.randint(least, most)))

    def shared_keys(self, awards: list[Award]) -> list[str]:
        """Keys that every one of these awards has."""
        keys = self.awards.keys(awards[0])
        for award in awards[1:]:
            own = set(self.awards.keys(award, facts=True))
            keys = [key for key in keys if key in own]
        return keys

    # --- 就高 -------------------------------------------------------------------------------------------------------------------------

    def group(self, name: str, treatment: str) -> str:
        """One row of a 就高 table."""
        rng = self.rng
        if rng.random() < 0.2:
            awards, members = self.paying, "全部奖补"
            shared = self.shared_keys(awards) or ["对象"]
            same = [rng.choice(shared)]
        else:
            awards = self._some(4, 2)
            shared = self.shared_keys(awards)
            names = []
            same = [rng.choice(shared)] if shared else ["对象"]
            for award in awards:
                own = self.awards.keys(award)
                names.append(f"{award.name}（{rng.choice(own)}）" if rng.random() < 0.12 else award.name)
            members = "、".join(names)
        if rng.random() < 0.5:
            same.append("年度")
        return f"| {name} | {members} | {'、'.join(same)} | {treatment} |"

    def highest(self, name: str) -> str:
        rng, lines = self.rng, []
        groups = [f"{name}组{mark}" for mark in "一二三"[: rng.choice([1, 1, 2, 3])]]
        if rng.random() < 0.25:
            lines.append(f"- 启用：{rng.choice(['、'.join(groups), groups[0], '无', self.writer.reading([groups[0], '无'])])}")
        if rng.random() < 0.25:
            lines.append(f"- 方式：{rng.choice(['申报单位选择', '申报单位选择', '金额从高'])}")
        if rng.random() < 0.6:
            lines.append(f"- 其他政策：{rng.choice(['差额', '差额', '排除', self.writer.reading(['差额', '排除'])])}")
        if rng.random() < 0.4:
            lines.append(f"- 抵扣次序：{rng.choice(['封顶后', '封顶前', self.writer.reading(['封顶前', '封顶后'])])}")
        if rng.random() < 0.3:
            lines.append("- 并列：条款在前")
        rows = [self.group(group, rng.choice(["就高", "就高", "就高", "提示"])) for group in groups]
        return block("就高", name, lines or ["- 并列：条款在前"], ["| 组 | 奖补 | 同一 | 处理 |\n|---|---|---|---|\n" + "\n".join(rows)])

    # --- 总额 -------------------------------------------------------------------------------------------------------------------------

    def total(self, name: str) -> tuple[str, str, str]:
        """(范围, 额度, 超出)."""
        rng = self.rng
        if rng.random() < 0.45:
            excepted = self._some(2) if rng.random() < 0.4 and len(self.paying) > 2 else []
            covered = [award for award in self.paying if award not in excepted]
            reach = "全部奖补" + (f"，除 {'、'.join(award.name for award in excepted)}" if excepted else "")
        else:
            covered = self._some(4)
            reach = "、".join(award.name for award in covered)
        keys = self.shared_keys(covered) if covered else []
        chosen = [rng.choice(keys)] if keys and rng.random() < 0.55 else []
        time = rng.choice(["每年", "每年", "每3年", "累计", "政策期内"])
        scope = f"{''.join(f'每{key}' for key in chosen)}{time if time.startswith('每') else ' ' + time}".strip()
        if not chosen:
            scope = f"{rng.choice(['全县', '全市', ''])}{'' if time.startswith('每') else ' '}{scope}".strip()
        amount = rng.choice(["5万元", "20万元", "100万元", "500万元", "0.2亿元", "77777.77元"])
        roll = rng.random()
        if roll < 0.12:
            amount = "另定"
        elif roll < 0.2:
            amount = f"另定 {self._open_money()}"
        overrun = self._overrun(covered)
        if overrun == "下调标准" and amount[0].isdigit():  # below the fixed amounts there is nothing to lower, and the year cannot be settled
            amount = rng.choice(["500万元", "0.2亿元", "100万元"])
        return reach, f"{amount} {scope}", overrun

    def _overrun(self, covered: list[Award]) -> str:
        """下调标准 mostly where there is a standard to lower."""
        opened = any(word in line for award in covered for line in [*award.lines, *award.tables] for word in ("不超过 ", "最高 ", "另定"))
        return self.rng.choice([*DRAWN, "下调标准", "下调标准"] if opened else DRAWN[:-1])

    def _open_money(self) -> str:
        name = self.writer.name("总额数", self.writer.opens)
        self.writer.opens[name] = "total"
        return name

    def total_block(self, name: str) -> str:
        reach, amount, overrun = self.total(name)
        if self.rng.random() < 0.1:
            overrun = self.writer.reading(list(self.rng.sample(OVERRUNS, 2)))
        if "除 " in reach and self.rng.random() < 0.2:
            reach = "全部奖补，除 " + self.writer.reading([reach.split("除 ")[1], "无"])
        return block("总额", name, [f"- 范围：{reach}", f"- 额度：{amount}", f"- 超出：{overrun}"])

    def register_total(self, name: str, register: Award) -> str | None:
        words = self.awards.words
        money = [path for path, fact, _ in words.facts(register.object, "number") if fact.unit == "元" and "的" not in path]
        if not money:
            return None
        keys = [fact.name for fact in words.parsed.facts(register.object) if fact.kind in ("object", "option")]
        scope = f"每{self.rng.choice(keys)}每年" if keys and self.rng.random() < 0.5 else "全县每年"
        amount = self.rng.choice(["100万元", "1000万元", "1亿元", "另定"])
        return block("总额", name, [f"- 范围：{register.object}的{self.rng.choice(money)}", f"- 额度：{amount} {scope}", "- 超出：不予登记"])

    # --- 通则 -------------------------------------------------------------------------------------------------------------------------

    def generals(self) -> list[str]:
        """通则 blocks: each says a few things."""
        rng, writer = self.rng, self.writer
        said: list[list[str]] = []
        if rng.random() < 0.75:
            start = rng.choice(["2022年1月1日", "2023年7月1日", "2023年7月1日", "2024年3月1日", "2022年6月1日", "2023年1月1日", "2025年6月30日"])
            end = rng.choice(["2026年12月31日", "2026年12月31日", "2027年6月30日", "2027年12月31日", "2025年12月31日", "2025年6月30日"])
            validity = rng.choice([*[f"- 有效期：{start} 至 {end}"] * 3, f"- 有效期：{start} 起", f"- 参照：{start} 起", f"- 施行：{start}", "- 施行：未定"])
            said.append([validity])
            if rng.random() < 0.6:
                said[-1].append(f"- 年度：{rng.choice(['年末在有效期内', '年内有一日在有效期内', writer.reading(['年末在有效期内', '年内有一日在有效期内'])])}")
        if rng.random() < 0.5:
            said.append([f"- 舍入：{rng.choice([*ROUNDINGS, writer.reading(['舍去到元', '四舍五入到元'])])}"])
        if rng.random() < 0.4:
            said.append([f"- 未定标准：{rng.choice(['暂估', '不计算', '暂估', writer.reading(['暂估', '不计算'])])}"])
        if rng.random() < 0.6:
            documents = rng.choice(["本政策、被废止文件", "本政策、被废止文件", "本政策", "本政策、其他政策", writer.reading(["本政策", "本政策、被废止文件"]), f"本政策、{writer.reading(['被废止文件', '无'])}"])
            said.append([f"- 历史：{documents}", "- 废止：旧办法"])
        if rng.random() < 0.1:
            said.append(["- 状态：征求意见稿"])
        said += [self._over_awards() for _ in range(rng.choice([0, 1, 1, 2]))]
        return [block("通则", f"通则{mark}", lines) for mark, lines in zip("甲乙丙丁戊己庚辛", said)]

    def _over_awards(self) -> list[str]:
        rng, lines = self.rng, []
        covered = self.paying
        roll = rng.random()
        if roll < 0.3:
            covered = self._some(3)
            lines.append(f"- 适用：{'、'.join(award.name for award in covered)}")
        elif roll < 0.45 and len(self.paying) > 1:
            excepted = self._some(2)
            covered = [award for award in self.paying if award not in excepted]
            names = "、".join(award.name for award in excepted)
            lines.append(f"- 适用：全部奖补，除 {self.writer.reading([names, '无']) if rng.random() < 0.2 and self._all_trusted(self.paying) else names}")
        elif roll < 0.6:
            lines.append("- 适用：全部奖补")
        trusted = self._all_trusted(covered)
        if trusted and rng.random() < 0.7:
            lines.append(f"- 条件：{rng.choice(['受益人的守信', '受益人的守信', self.writer.reading(['受益人的守信', '不限'])])}")
        if rng.random() < 0.7 or not trusted:
            bad = rng.choice(["申报的本笔弄虚作假", "申报的本笔弄虚作假", *(["非 受益人的守信"] if trusted else []), "申报的申报日期 晚于 2026-12-01"])
            lines.append(f"- 否决：{bad}{rng.choice(['，追回已付', '，追回已付', ''])}")
        return lines

    def _all_trusted(self, awards: list[Award]) -> bool:
        """Whether every payee of these awards has 守信."""
        return all(self.awards.words.parsed.fact(award.payee, "守信") for award in awards)
