"""The benchmarks measure what they say."""

from __future__ import annotations

import io
import random
from functools import partial
from typing import TYPE_CHECKING

from casewright import feel
from casewright.cli import bench_zen
from casewright.cli.bench_clock import figure, interleaved, repeated
from casewright.cli.bench_feel import CONDITIONS
from casewright.cli.bench_life import LIFE, event_lines, write_events
from casewright.cli.bench_step import moments, tenfold
from casewright.cli.bench_table import MaskIndex, rows_of
from casewright.program import compile_packs
from casewright.resources import specs_dir

if TYPE_CHECKING:
    from pathlib import Path


def test_the_life_is_the_stated_mix() -> None:
    assert len(LIFE) == 20
    assert len({act.type for act in LIFE}) == 12
    assert sum(act.status == "rejected" for act in LIFE) == 2


def test_every_event_of_the_life_answers_as_stated() -> None:
    life = moments(compile_packs([specs_dir()]))
    assert [m.status for m in life] == [act.status for act in LIFE]


def test_ten_times_the_pack_answers_the_same(tmp_path: Path) -> None:
    large = compile_packs(tenfold(tmp_path))
    ct = large.case_type("tech_product_support")
    assert len(ct.rules.rules) == 10 * len(
        compile_packs([specs_dir()]).case_type("tech_product_support").rules.rules
    )
    assert [m.status for m in moments(large)] == [act.status for act in LIFE]


def test_events_are_in_order_of_time_eight_a_case_and_repeatable() -> None:
    lines = list(event_lines(30, seed=5))
    assert len(lines) == 240
    times = [line["time"] for line in lines]
    assert times == sorted(times)
    assert len({line["id"] for line in lines}) == 240
    assert lines == list(event_lines(30, seed=5))
    assert lines != list(event_lines(30, seed=6))


def test_the_file_has_one_event_a_line() -> None:
    out = io.StringIO()
    assert write_events(2, out) == len(out.getvalue().splitlines()) == 16


def test_the_bit_mask_index_finds_the_first_row() -> None:
    rows = [("v1", "-", "v2"), ("v1", "v3", "v2"), ("-", "-", "-")]
    index = MaskIndex(rows)
    assert index.first(("v1", "v3", "v2")) == 0
    assert index.first(("v9", "v9", "v9")) == 2
    assert MaskIndex(rows[:2]).first(("v9", "v9", "v9")) == -1
    assert len(rows_of(14, random.Random(1))) == 14


def test_rounds_take_turns_and_the_first_does_not_count() -> None:
    order: list[str] = []
    works = {name: repeated(partial(order.append, name), 1) for name in ("a", "b")}
    taken = interleaved(works, 2)
    assert order == ["a", "b"] * 3
    assert set(taken) == {"a", "b"}
    assert figure("x", 1.234, 2, 1)["measured"] == 1.23


def test_the_conditions_say_the_same_in_each_language() -> None:
    zen = bench_zen.engine()
    for priority, amount in ((1, 10), (2, 250), (3, 500)):
        values = {"priority": priority, "amount": amount, "tax": 19, "limit": 260}
        for text, python, other in CONDITIONS:
            expected = feel.evaluate(text, values)
            assert eval(python, {"__builtins__": {}}, values) is expected
            if zen is not None:
                assert zen.compile_expression(other).evaluate(values) is expected


def test_a_missing_peer_says_so_in_its_row() -> None:
    assert bench_zen.missing("x")["detail"] == "not installed: pip install casewright[bench]"


def test_the_table_of_the_other_engine_has_the_same_rows() -> None:
    rows = [("v1", "-"), ("-", "v2")]
    node = bench_zen.table(rows)["nodes"][1]
    assert node["content"]["rules"] == [
        {"_id": "r0", "c0": '"v1"', "c1": "", "out": "0"},
        {"_id": "r1", "c0": "", "c1": '"v2"', "out": "1"},
    ]
    zen = bench_zen.engine()
    if zen is not None:
        assert bench_zen.deciding(zen, rows, [("v1", "v9"), ("v9", "v2")])() == 2
