"""duixian (兑现): the policy text is the program.

    import duixian

    programme = duixian.load("policies/jinyun-2025")           # raises Defects where the folder cannot be read
    programme.check().errors                                   # every law over the policy, every example run
    result = programme.settle(2025, facts=["facts.xlsx"])      # raises Defects with every cell that cannot be read
    result.payable_fen                                         # integer 分
    print("\\n".join(result.explain("91331122…", "场地租金补助")))

Everything is imported when it is first asked for: `import duixian` itself reads no file and loads no library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from .programme import Programme, Result
    from .values.diagnostic import Defects, Diagnostic
    from .values.facts import NONE, Facts, Paid
    from .values.terms import Outcome

__all__ = ["NONE", "Defects", "Diagnostic", "Facts", "Outcome", "Paid", "Programme", "Result", "load"]

_ROOMS = {"Programme": "programme", "Result": "programme", "Defects": "values.diagnostic", "Diagnostic": "values.diagnostic", "NONE": "values.facts",
          "Facts": "values.facts", "Paid": "values.facts", "Outcome": "values.terms"}  # fmt: skip


def load(path: str | Path) -> Programme:
    """The policy in a folder (policy.md with its source text and vocabulary), ready to be checked and settled.

    Raises Defects, with every place and remedy, where the folder or its files cannot be read as a policy.
    """
    from .programme import Programme

    return Programme.load(path)


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        from importlib import import_module

        return getattr(import_module(f".{_ROOMS[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
