"""The parts a population is made of: chance without a state, curves of whole numbers, text made side by side, and the command."""

from __future__ import annotations

import argparse
from fractions import Fraction
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
from stdnum.cn import uscc

from duixian.cli import Console
from duixian.population.command import WORDS, add_arguments, run, say
from duixian.population.curves import Curve
from duixian.population.outline import Layers
from duixian.population.streams import WORD, Shuffle, chance, stream_key, weighted, words
from duixian.population.texts import CODES, credit_codes, decimals, running
from duixian.values.diagnostic import Defects

from .support import POLICIES

ROWS = np.arange(200_000, dtype=np.uint64)


def test_the_words_of_chance_are_the_same_on_every_machine() -> None:
    assert stream_key(1, "企业", "网络零售额") == 1843736198189815859
    # splitmix64 of seed 0 begins with this word in every published implementation
    assert words(0, np.array([1], np.uint64))[0] == 0xE220A8397B1DCDAF


def test_a_row_has_the_same_chance_alone_and_among_others() -> None:
    key = stream_key(1, "企业")
    assert words(key, ROWS)[777] == words(key, np.array([777], np.uint64))[0]


@pytest.mark.parametrize("share", [Fraction(0), Fraction(1, 1000), Fraction(3, 10), Fraction(1)])
def test_a_share_is_kept(share: Fraction) -> None:
    found = int(chance(stream_key(2), ROWS, share).sum())
    assert abs(found - share * len(ROWS)) <= 5 * (float(share * (1 - share)) * len(ROWS)) ** 0.5


def test_weights_are_kept() -> None:
    found = np.bincount(weighted(words(stream_key(3), ROWS), (80, 0, 20)), minlength=3)
    assert found[1] == 0 and abs(found[0] / len(ROWS) - 0.8) < 0.01


@pytest.mark.parametrize("count", [1, 2, 10, 9973, 30_000])
def test_a_shuffle_names_every_number_once(count: int) -> None:
    for seed in range(5):
        assert sorted(Shuffle(stream_key(seed), count)(np.arange(count)).tolist()) == list(range(count))


def test_children_of_one_parent_lie_in_different_layers() -> None:
    layers = Layers(stream_key(4), 1000, Fraction(3, 10), Fraction(1, 2), 3, 0)
    assert layers.starts == [0, 300, 450, 525]
    assert Layers(stream_key(4), 1000, Fraction(0), Fraction(1, 2), 3, 12).total == 0
    assert Layers(stream_key(4), 1000, Fraction(1, 10_000), Fraction(0), 3, 12).total == 12
    assert Layers(stream_key(4), 8, Fraction(1, 10_000), Fraction(0), 3, 12).total == 8


def test_a_curve_is_lognormal_in_the_body_and_a_power_in_the_tail() -> None:
    curve = Curve(Fraction(40_000_000), Fraction(17, 10), Fraction(2, 100), Fraction(12, 10), 0, 5 * 10**11)
    drawn = np.sort(curve(words(stream_key(5), np.arange(1_000_000, dtype=np.uint64))))
    for share in (0.1, 0.5, 0.9, 0.97):
        expected = 40_000_000 * np.exp(1.7 * NormalDist().inv_cdf(share))
        assert abs(drawn[int(share * len(drawn))] / expected - 1) < 0.02
    edge = 40_000_000 * np.exp(1.7 * NormalDist().inv_cdf(0.98))
    for times in (2, 10):
        assert abs((drawn > times * edge).mean() / (0.02 * times**-1.2) - 1) < 0.1
    assert drawn.dtype == np.int64 and drawn[-1] <= 5 * 10**11


def test_a_curve_gives_the_same_whole_numbers_on_every_machine() -> None:
    curve = Curve(Fraction(40_000_000), Fraction(17, 10), Fraction(2, 100), Fraction(12, 10), 0, 5 * 10**11)
    assert curve(words(0, np.arange(1, 6, dtype=np.uint64))).tolist() == [303348593, 29835123, 1488129, 1003389488, 4808480]


def test_a_curve_rises_and_stays_between_its_ends() -> None:
    curve = Curve(Fraction(1000), Fraction(2), Fraction(1, 10), Fraction(1), 50, 10**9)
    drawn = curve(np.array([0, 1, WORD // 2, *(WORD - WORD // 16**power for power in range(1, 16)), WORD - 1], np.uint64))
    assert drawn.tolist() == sorted(drawn.tolist()) and drawn[0] >= 50 and drawn[-1] <= 10**9
    assert 990 <= drawn[2] <= 1010


def test_credit_codes_of_a_million_are_valid_and_unique() -> None:
    numbers = Shuffle(stream_key(6), CODES)(np.arange(1_000_000))
    found = credit_codes("331122", numbers)
    assert len(np.unique(np.ascontiguousarray(found).view("S18"))) == 1_000_000
    for row in found[::5000]:
        assert uscc.validate(row.tobytes().decode()) == row.tobytes().decode()


def test_numbers_keep_their_zeros_and_cells_their_point() -> None:
    assert running(np.array([0, 7, 12345678])).tobytes() == b"000000000000000712345678"
    assert [str(cell) for cell in decimals(np.array([5, 100, 123456]), 2).to_pylist()] == ["0.05", "1.00", "1234.56"]


# --- the command -------------------------------------------------------------------------------------------------------------------------


def asked(*argv: object) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser, lambda text: text)
    return parser.parse_args([str(word) for word in argv])


def test_the_command_makes_a_population_and_says_what_was_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = asked(POLICIES / "zibo-2022", "--size", 50, "--seed", 3, "--year", 2025, "-o", tmp_path / "out")
    assert run(options, Console("zh", "never", False)) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("合成数据，非真实：zibo-2022 2025，种子 3，规模 50 企业\n")
    assert printed.err == f"\n已写出 {tmp_path / 'out'}\n"
    assert (tmp_path / "out" / "企业.parquet").is_file()


def test_the_command_takes_another_profile_and_names_one_that_is_not_there(tmp_path: Path) -> None:
    options = asked(POLICIES / "zibo-2022", "--size", 50, "--year", 2025, "--profile", tmp_path / "none.md", "-o", tmp_path / "out")
    with pytest.raises(Defects) as stop:
        run(options, Console("zh", "never", True))
    assert [item.code for item in stop.value.diagnostics] == ["DP118"]


def test_everything_the_command_says_has_its_english() -> None:
    for chinese, english in WORDS.items():
        assert english.isascii() or "“" in english
        assert say(chinese, "en", table="x", path="y") and say(chinese, "zh", table="x", path="y")
