"""A policy folder → Policy: read, split, parse, fill in the readings. Defects are returned beside what could be read."""

from __future__ import annotations

from pathlib import Path

from ..values.diagnostic import Defects, Diagnostic, Place
from ..values.digest import sha256_hex
from .document import Document, Heading, read_text, split, unknown_keys
from .model import Policy
from .parse import parse_blocks
from .readings import fill
from .source import SourceText
from .suggest import nearest
from .vocabulary import Vocabulary, parse_vocabulary
from .words import settle_words


def load_policy(folder: Path) -> tuple[Policy, list[Diagnostic]]:
    """The policy in `folder` (policy.md, its source and vocabulary) and every defect found while reading it.

    Raises Defects where a file is missing or the front matter lacks what is needed to go on.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise Defects([Diagnostic("DX108", (Place(str(folder)),), {"expected": "政策目录（里面有 policy.md）", "found": "没有这个目录"})])
    defects: list[Diagnostic] = []
    text = read_text(folder / "policy.md")
    document = split(text, f"{folder.name}/policy.md", defects)
    front = document.front
    lacking = [key for key in ("政策", "原文", "校验", "词汇") if key not in front]
    slips = unknown_keys(document, ("政策", "发文", "原文", "校验", "词汇"))
    defects += slips
    if lacking:
        meant = {nearest(str(slip.details["found"]), lacking) for slip in slips}  # said where it stands
        raise Defects([*defects, *(Diagnostic("DX107", (Place(document.file, 1, 1),), {"key": key}) for key in lacking if key not in meant)])
    source = _source(folder, document, defects)
    vocabulary, words = _vocabulary(folder, document, defects)
    title = next((element.text for element in document.elements if isinstance(element, Heading)), front["政策"].text)
    issuer = front["发文"].text if "发文" in front else ""
    policy = Policy(front["政策"].text, issuer, title, folder, document, source, vocabulary, digest=sha256_hex(text + words + source.sha256))
    parse_blocks(policy, defects)
    fill(policy, defects)
    settle_words(policy, defects)
    return policy, defects


def _source(folder: Path, document: Document, defects: list[Diagnostic]) -> SourceText:
    cell = document.front["原文"]
    path = _beside(folder, cell.text)
    text = read_text(path)
    digest = "sha256:" + sha256_hex(path.read_bytes())
    stated = document.front["校验"]
    if stated.text != digest:
        defects.append(document.defect("DX104", stated.at, expected=stated.text, found=digest))
    return SourceText(f"{folder.name}/{cell.text}", text, digest)


def _beside(folder: Path, name: str) -> Path:
    """A file a policy names: in its own folder or beside that folder, nowhere else on the machine."""
    path = folder / name
    if "\0" in name or folder.resolve().parent not in path.resolve().parents:
        raise Defects([Diagnostic("DX108", (Place(f"{folder.name}/{name}"),), {"expected": "政策目录或它的上一级目录里的文件", "found": name})])
    return path


def _vocabulary(folder: Path, document: Document, defects: list[Diagnostic]) -> tuple[Vocabulary, str]:
    """The vocabulary files named by 词汇, one or several joined by 、, read as one."""
    texts = []
    for name in document.front["词汇"].text.split("、"):
        texts.append(read_text(_beside(folder, name.strip())))
    names = "、".join(Path(name.strip()).name for name in document.front["词汇"].text.split("、"))
    text = "\n".join(texts)
    return parse_vocabulary(split(text, names, defects, strict=False), defects), text
