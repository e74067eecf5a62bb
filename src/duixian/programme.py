"""The public door: one policy folder as an object that can be checked, settled, explained and shown. No rule and no arithmetic of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING

from . import pipeline
from .pipeline import CheckReport, Settlement
from .policy.check.year import check_adopted
from .policy.model import Policy
from .policy.standards import Standards, reasons_of
from .policy.suggest import nearest, remedies
from .policy.year_file import load_standards
from .values.diagnostic import Defects, Diagnostic, Place, in_order
from .values.facts import Facts, Paid
from .values.messages import Language

if TYPE_CHECKING:
    from .award.record import Line
    from .engine.advise import Adviser
    from .engine.explain import Explainer
    from .plan.steps import Plan
    from .policy.text import PolicyText
    from .tables.forms import Form
    from .tables.read import Input

FilePath = str | Path
Tabular = Facts | FilePath | Sequence[FilePath]


@dataclass(slots=True)
class Result(Settlement):
    """A settlement together with what it was made from, so that it can explain itself.

    Grain of `lines`: one row an award and object. Amounts in 分. `inputs`: the files that were read, with their hashes.
    """

    facts: Facts = field(default_factory=Facts)
    ledger: list[Paid] = field(default_factory=list)
    inputs: list[Input] = field(default_factory=list)
    history_given: bool = True
    engines: tuple[str, ...] = ("interpret",)  # the evaluators that agree on every line
    _explainer: Explainer | None = field(default=None, repr=False, compare=False)

    def explainer(self) -> Explainer:
        """The settlement's rules once more, traced; prepared on the first call and kept."""
        if self._explainer is None:
            from .engine.explain import Explainer

            _, _, assessor, entries = pipeline.prepare(self.policy, self.standards, self.facts, self.ledger, self.bound.choices, traced=True)
            self._explainer = Explainer(assessor, self.year, entries, reasons=reasons_of(self.standards))
        return self._explainer

    def adviser(self) -> Adviser:
        """Advice on the lines of this settlement."""
        from .engine.advise import Adviser

        return Adviser(self.explainer(), self.lines)

    def lines_of(self, key: str, award: str | None = None) -> list[Line]:
        """The lines an object has a part in: its own, those it is paid for, those of what belongs to it. award: only of this one.

        Raises Defects (DX954) where no such object or award is on file; the message names the nearest.
        """
        known_award(award, [rule.name for rule in self.policy.rules.values() if rule.kind != "认定"], self.policy)
        keys = {found for things in self.facts.things.values() for found in things}
        if key not in keys:
            near = nearest(key, sorted(keys))
            remedy = remedies(key, [near] if near else [], "核对标识。", "check the key.")
            raise _defect("DX954", self.policy, found=key, expected=f"数据里的对象（{len(keys)} 个）的标识", **remedy)
        return [line for line in self.adviser().own_lines(key) if award is None or line.claim.award == award]

    def explain(self, key: str, award: str | None = None, language: Language = "zh") -> list[str]:
        """Why each amount of an object is what it is, as lines of text. Raises Defects (DX954) for a key or award that is not on file."""
        explainer = self.explainer()
        pages = [explainer.explain(line, language) for line in self.lines_of(key, award)]
        return [text for place, page in enumerate(pages) for text in ([""] if place else []) + page]

    def advise(self, key: str, language: Language = "zh") -> list[str]:
        """What an object gets, what is missing, how far it is to the next tier. Raises Defects (DX954) for a key that is not on file."""
        self.lines_of(key)
        return self.adviser().advise(key, language)

    def explanations(self, language: Language = "zh") -> dict[tuple[str, str], list[str]]:
        """Why each line is what it is, by (award, object key)."""
        from .engine.explain import explanations

        return explanations(self.explainer(), self.lines, language)

    def write(self, path: FilePath, *, format: str = "xlsx", explanations: bool = True) -> None:
        """Write the result: xlsx (for people, with explanations), json or parquet. Raises Defects where it cannot be written."""
        from .tables import write

        if format == "xlsx":
            write.write_result(self, path, inputs=self.inputs, facts=self.facts, explanations=self.explanations() if explanations else None)
        elif format == "json":
            write.write_json(self, path, inputs=self.inputs)
        elif format == "parquet":
            write.write_parquet(self, path)
        else:
            raise ValueError(f"format is xlsx, json or parquet, not {format!r}")


class Programme:
    """One policy folder. `policy` is the typed policy; `warnings` are what reading it left to say."""

    def __init__(self, policy: Policy, warnings: Iterable[Diagnostic] = ()) -> None:
        self.policy, self.warnings = policy, list(warnings)
        self._found: list[Diagnostic] | None = None  # what the laws find; a policy does not change once it is read

    @classmethod
    def load(cls, path: FilePath) -> Programme:
        """Read a policy folder. Raises Defects where it cannot be read as a policy."""
        policy, defects = pipeline.load(path)
        if any(item.is_error for item in defects):
            raise Defects(defects)
        return cls(policy, defects)

    def check(self) -> CheckReport:
        """Every law over the folder as it stands now, and every example run. Nothing is raised for what the author wrote."""
        return pipeline.check(self.policy.folder)

    def template(self, year: int, path: FilePath) -> None:
        """Write the workbook to fill in for one award year. Raises Defects where it cannot be written."""
        from .tables.template import write_template

        write_template(self.policy, year, path)

    def standards(self, year: int, path: FilePath | None = None) -> Standards:
        """The year's file: the one given, else standards-〈year〉.md of the folder where there is one, else nothing set. Raises Defects."""
        own = Path(path) if path is not None else self.policy.folder / f"standards-{year}.md"
        if path is None and not own.is_file():
            return Standards(year)
        defects: list[Diagnostic] = []
        found = load_standards(own, self.policy, year, defects)
        defects.extend(check_adopted(self.policy, found))
        if any(item.is_error for item in defects):
            raise Defects(defects)
        return found

    def awards_for(self, kind: str, readings: Mapping[str, str] | None = None) -> list[str]:
        """The awards an applicant of an object type (企业, 行政村) may apply for, in the order of the policy."""
        from .tables.forms import awards_of

        return [rule.name for rule in awards_of(self.policy, kind, self.chosen(readings or {}))]

    def form(self, award: str, year: int, kind: str, *, readings: Mapping[str, str] | None = None, standards: Standards | None = None) -> Form:
        """What an award asks of an applicant of an object type. Raises Defects (DX954) for an award that is not there or not for this applicant."""
        from .tables.forms import form_of

        choices = {**(standards.choices if standards else {}), **self.chosen(readings or {})}
        known_award(award, self.awards_for(kind, choices), self.policy)
        return form_of(self.policy, award, year, kind, choices)

    def settle(self, year: int, facts: Tabular, *, history: Iterable[Paid] | FilePath | None = None, standards: Standards | FilePath | None = None,
               readings: Mapping[str, str] | None = None, engine: str = "auto") -> Result:  # fmt: skip
        """Settle one award year exactly, twice: by the interpreter and by the compiled plan; refused where a line differs (DX961).

        engine: the second evaluator, duckdb (auto) or spark; `interpret` leaves it out.
        facts: files (xlsx, csv, parquet) in the form of the template, or Facts. history: earlier payments, as a file or as Paid rows; a table
        历史 among the facts counts too. standards: as in `standards`. readings: 口径 -> option, over what the year's file and the policy choose.
        Raises Defects with every cell, reading or total that cannot be used.
        """
        from .tables.frames import check_facts

        unsound = self.defects_of_law()
        choices = self.chosen(readings or {})
        year_file = standards if isinstance(standards, Standards) else self.standards(year, standards)
        known, ledger, inputs, notices, given = self._read(year, facts, history)
        check_facts(known, self.policy)
        settled = pipeline.settle(self.policy, year, known, ledger, year_file, choices)
        result = Result(
            **{item.name: getattr(settled, item.name) for item in fields(Settlement)}, facts=known, ledger=ledger, inputs=inputs, history_given=given
        )
        result.warnings = in_order([*result.warnings, *notices])
        if engine != "interpret":
            self._again(result, choices, "duckdb" if engine == "auto" else engine)
        if unsound:
            result.notices.insert(0, f"政策没有通过检查（{len(unsound)} 处错误，运行 check 查看）：结果只能试算，不能支付。")
        return result

    def _again(self, result: Result, choices: Mapping[str, str], engine: str) -> None:
        """The same settlement by the compiled plan; what it cannot compute is said, what differs is refused."""
        from .engine.relational import EngineError
        from .plan.aggregates import Uncompiled
        from .twice import check, settle_compiled

        try:
            other = settle_compiled(self.policy, result.year, result.facts, result.ledger, result.standards, choices, engine=engine)
        except Uncompiled as stop:
            result.notices.append(f"只用解释器算了一遍：编译引擎没有这种写法（{stop}）。")
            return
        except EngineError as stop:
            raise _defect("DX962", self.policy, found=stop.kind, detail=stop.detail, engine=engine) from stop
        check(result, other, lambda award, key, language: result.explain(key, award, language))
        result.engines = ("interpret", engine)

    def defects_of_law(self) -> list[Diagnostic]:
        """What the laws find wrong with the policy itself: kinds and units stop a settlement, the rest makes it a trial. Raises Defects."""
        from .policy.check import check_policy

        if self._found is None:
            self._found = [item for item in check_policy(self.policy, self.warnings) if item.is_error and item.code < "DX7"]
        found = self._found
        if any(item.code[:3] in ("DX2", "DX3", "DX4") for item in found):
            raise Defects(found)
        return found

    def explain(self, year: int, facts: Tabular, key: str, award: str | None = None, *, language: Language = "zh",
                history: Iterable[Paid] | FilePath | None = None, standards: Standards | FilePath | None = None,
                readings: Mapping[str, str] | None = None) -> list[str]:  # fmt: skip
        """Settle, then explain one object's lines; see `Result.explain`."""
        return self.settle(year, facts, history=history, standards=standards, readings=readings, engine="interpret").explain(key, award, language)

    def advise(self, year: int, facts: Tabular, key: str, *, language: Language = "zh", history: Iterable[Paid] | FilePath | None = None,
               standards: Standards | FilePath | None = None, readings: Mapping[str, str] | None = None) -> list[str]:  # fmt: skip
        """Settle, then advise one object; see `Result.advise`."""
        return self.settle(year, facts, history=history, standards=standards, readings=readings, engine="interpret").advise(key, language)

    def show(
        self, award: str | None = None, *, readings: Mapping[str, str] | None = None, standards: Standards | None = None, language: Language = "zh"
    ) -> list[str]:
        """The policy (or one award) said back in plain words. Raises Defects (DX954) for an award that is not there."""
        from .policy.outline import show_policy
        from .policy.show import show_award

        choices = self.chosen(readings or {})
        known_award(award, list(self.policy.rules), self.policy)
        if award is None:
            return show_policy(self.policy, choices, standards, language)
        return show_award(self.policy, award, choices, standards, language)

    def text(self, *, readings: Mapping[str, str] | None = None, standards: Standards | None = None, language: Language = "zh") -> PolicyText:
        """The official text in its articles and sentences, and under each sentence its rules, readings and reasons in plain words, as records."""
        from .policy.reader import policy_text

        return policy_text(self.policy, self.chosen(readings or {}), standards, language)

    def plan(self, year: int, facts: Tabular = (), *, history: Iterable[Paid] | FilePath | None = None, standards: Standards | FilePath | None = None,
             readings: Mapping[str, str] | None = None) -> Plan:  # fmt: skip
        """The plan the compiled engines run, over the shape of some facts; without any, over every fact the policy uses.

        Raises Defects; DX974 for a form the plan does not have.
        """
        from .engine.compiled import fixed_of
        from .plan.aggregates import Uncompiled
        from .plan.build import plan_of
        from .policy.readings import bind
        from .tables.frames import frames_of
        from .tables.numbers import numbered
        from .tables.shape import shape_of

        self.defects_of_law()
        year_file = standards if isinstance(standards, Standards) else self.standards(year, standards)
        bound = bind(self.policy, {**year_file.choices, **self.chosen(readings or {})})
        if facts or isinstance(facts, Facts):
            known, ledger, *_ = self._read(year, facts, history)
            frames, tables = frames_of(known, ledger, self.policy)
            numbered(frames, tables)
        else:
            frames = shape_of(self.policy, year)
        try:
            return plan_of(bound, frames, year_file, year, fixed_of(bound, year_file))
        except Uncompiled as stop:
            raise _defect("DX974", self.policy, found=str(stop)) from stop

    def chosen(self, readings: Mapping[str, str]) -> dict[str, str]:
        """Readings given by name, as the policy's options are written. Raises Defects for one that is not there."""
        from .policy.lexer import normalise

        defects, chosen = [], {}
        for name, option in readings.items():
            reading = self.policy.readings.get(name)
            if reading is None:
                remedy = remedies(name, self.policy.readings, "从政策的口径里选。", "use a reading of the policy.")
                defects += _defect("DX301", self.policy, found=name, expected="、".join(self.policy.readings), **remedy).diagnostics
            elif normalise(option) not in reading.options:
                defects += _defect("DX702", self.policy, reading=name, expected="、".join(reading.options), found=option).diagnostics
            else:
                chosen[name] = normalise(option)
        if defects:
            raise Defects(defects)
        return chosen

    def _read(
        self, year: int, facts: Tabular, history: Iterable[Paid] | FilePath | None
    ) -> tuple[Facts, list[Paid], list[Input], list[Diagnostic], bool]:
        paths: list[FilePath] = [] if isinstance(facts, Facts) else [facts] if isinstance(facts, (str, Path)) else list(facts)
        if isinstance(history, (str, Path)):
            paths.append(history)
        ledger = [] if history is None or isinstance(history, (str, Path)) else list(history)
        if isinstance(facts, Facts) and not paths:
            return facts, ledger, [], [], history is not None
        from .tables.layout import HISTORY
        from .tables.read import read_tables

        tables = read_tables(paths, self.policy, year)
        given = history is not None or any(HISTORY in item.sheets for item in tables.inputs)
        return (facts if isinstance(facts, Facts) else tables.facts), [*tables.ledger, *ledger], tables.inputs, tables.notices, given


def known_award(award: str | None, names: Sequence[str], policy: Policy) -> None:
    """Raises Defects (DX954) for an award that is named and not one of these; the message names the nearest."""
    if award is not None and award not in names:
        raise _defect("DX954", policy, found=award, expected="、".join(names), **remedies(award, names, "从列出的里选。", "use one of the list."))


def _defect(code: str, policy: Policy, **details: str) -> Defects:
    return Defects([Diagnostic(code, (Place(policy.id),), details)])
