"""Labels: which share of each block of a page stands in the true body."""

from __future__ import annotations

import pytest
from benchmarks.labels import increasing, labels

STORY = [
    "The old bridge over the Ouse was closed to heavy traffic on Monday after cracks were found.",
    "Engineers had warned for years that its cables rust faster than anybody is able to paint.",
    "A ferry will carry lorries until spring, said the mayor, who has never liked either of them.",
    "Nobody asked the ferryman, whose boat was built in the year when his grandfather was born.",
]
BODY = "\n\n".join(STORY)
MENU, FOOT = "Home News Sport Weather", "Imprint and privacy"


def test_an_exact_copy_is_all_article() -> None:
    assert labels([MENU, *STORY, FOOT], BODY) == [0, 1, 1, 1, 1, 0]
    assert labels(STORY, BODY) == [1, 1, 1, 1]


def test_case_counts_and_marks_do_not() -> None:
    assert labels([STORY[0].replace(",", " – ").rstrip(".")], BODY) == [1]
    assert labels([STORY[0].upper()], BODY) == [0]


def test_of_a_text_repeated_on_the_page_the_copy_in_order_counts() -> None:
    assert labels([STORY[2], *STORY], BODY) == [0, 1, 1, 1, 1]
    assert labels([*STORY, STORY[1]], BODY) == [1, 1, 1, 1, 0]


def test_what_stands_out_of_order_is_none() -> None:
    assert labels([STORY[3], *STORY[:3]], BODY) == [0, 1, 1, 1]
    two = f"{STORY[1]} {STORY[2]}"  # more than what stands in order before it
    assert labels([two, STORY[0], two], f"{STORY[0]} {two}") == [0, 1, 1]


def test_of_a_story_that_the_page_holds_twice_the_first_counts() -> None:
    words = [f"word{n}" for n in range(600)]  # too long to be aligned token by token
    told = [" ".join(words[n : n + 100]) for n in range(0, 600, 100)]
    assert labels([*told, MENU, *told], "\n".join(told)) == [1] * 6 + [0] * 7


def test_a_text_repeated_in_the_truth_counts_each_time() -> None:
    refrain = "So it goes, the ferryman said."
    told = [STORY[0], refrain, STORY[1], refrain, STORY[2]]
    assert labels([MENU, *told], "\n".join(told)) == [0, 1, 1, 1, 1, 1]


def test_a_teaser_of_the_same_words_elsewhere_is_none() -> None:
    teaser = "Ferryman: mayor has never liked the old bridge, warned engineers"
    assert labels([teaser, *STORY, teaser], BODY) == [0, 1, 1, 1, 1, 0]
    assert labels([*STORY, f"{STORY[0][:50]}…"], BODY) == [1, 1, 1, 1, 0]


def test_words_hit_by_chance_are_no_copy() -> None:
    # the page lacks what the truth tells here, and holds a box that shares a few words with it
    box = "The bridge was closed. Engineers warned anybody."
    assert labels([STORY[3], box, STORY[2]], "\n".join([STORY[3], *STORY[:2], STORY[2]])) == [
        1, 0, 1,
    ]  # fmt: skip


def test_a_block_that_is_partly_article() -> None:
    glued = f"Advertisement by our partners: {STORY[1]}"  # 4 words, then 16
    assert labels([STORY[0], glued, STORY[2]], BODY) == [1, pytest.approx(16 / 20), 1]


def test_a_cjk_character_is_a_token() -> None:
    told = ["市政府周一宣布老桥因裂缝停止通行。", "渡船将运送卡车直到明年春天。"]
    assert labels(["首页新闻体育", *told], "".join(told)) == [0, 1, 1]
    (half,) = labels([f"广告广告广告{told[1][:6]}"], told[1])
    assert half == pytest.approx(6 / 12)


def test_marks_alone_go_with_their_neighbours() -> None:
    assert labels(["* * *", STORY[0], "* * *", STORY[1], "…", MENU, "—"], BODY) == [
        0, 1, 1, 1, 0, 0, 0,
    ]  # fmt: skip


def test_nothing_of_a_page_stands_in_an_empty_truth() -> None:
    assert labels([MENU, *STORY, "…"], "") == [0] * 6
    assert labels([], BODY) == []


def test_the_longest_chain_that_grows() -> None:
    pairs = [(0, 5), (1, 1), (2, 2), (3, 9), (4, 3), (5, 4)]
    assert increasing(pairs) == [(1, 1), (2, 2), (4, 3), (5, 4)]
    assert increasing([]) == []
