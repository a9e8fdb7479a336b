"""Furniture: what elements hold, credits behind captions, lines that date or sign a story."""

from __future__ import annotations

import pytest

from scraper import clean
from scraper.clean import dom
from scraper.clean.furniture import DATED, DAY, Furniture, inherited, key, spaced
from scraper.clean.metadata import Metadata
from scraper.model import Reason

PAGE = "<body><p>A bridge in the fog</p><p>Photo: Jane Brookfield/Reuters</p></body>"


def furniture(
    page: str = PAGE, authors: tuple[str, ...] = ()
) -> tuple[Furniture, list[dom.RawBlock]]:
    raw = dom.walk(dom.parse(page)).found
    meta = Metadata()
    meta.authors = authors
    return Furniture(raw, meta, "en"), raw


@pytest.mark.parametrize(
    ("text", "beside", "wanted"),
    [
        ("A bridge in the fog", "<p>Short</p>", True),
        ("A bridge in the fog", "<h2>Head</h2>", False),
        ("A bridge in the fog", f"<p>{'x' * 300}</p>", True),
        ("A bridge in the fog", f"<p>{'x' * 340}</p>", False),
        ("A bridge in the fog", f"<p>{'図' * 100}</p>", True),
        ("A bridge in the fog", f"<p>{'図' * 120}</p>", False),  # each says as much as 3 letters
        ("A bridge in <a href=x>the fog</a>", "<p>Short</p>", False),
    ],
)
def test_pictured(text: str, beside: str, wanted: bool) -> None:
    page = f"<body><h1>Head</h1><div><img src=x.jpg><p>{text}</p>{beside}</div></body>"
    found, raw = furniture(page)
    assert found.pictured(raw[1]) is wanted


def test_a_line_beside_a_credit_is_a_caption_without_an_image() -> None:
    found, raw = furniture("<div><p>A bridge</p><p>Photo: Jane Brookfield</p></div><p>Else</p>")
    assert found.pictured(raw[0])
    assert not found.pictured(raw[2])


def test_named_asks_once_a_start_tag() -> None:
    found, raw = furniture("<div class=shareBar><p>A</p></div><div class=shareBar><p>B</p></div>")
    first, second = (found.named(up) for b in raw if (up := b.element.parent) is not None)
    assert first is not None
    assert first is second


def test_phrase_says_one_thing_of_known_and_new_texts() -> None:
    found, _ = furniture()
    for inside in (True, False):
        known = found.phrase("Photo: Jane Brookfield/Reuters", inside=inside)
        new = found.phrase("Photo: Tom Ashe/Reuters", inside=inside)
        assert known is not None
        assert known == new
    assert found.phrase("Enjoying this? Become a member.", inside=True) is None
    assert found.phrase("Enjoying this? Become a member.", inside=False) is not None


def test_lines_are_short_and_of_the_reasons_asked_for() -> None:
    found, raw = furniture()
    credit = raw[1].text
    assert found.lines({Reason.PHOTO_CREDIT}, len(credit) + 1) == {credit}
    assert not found.lines({Reason.PHOTO_CREDIT}, len(credit))
    assert not found.lines({Reason.COMMENTS}, 99)


def test_inherited_asks_once_an_element_and_parents_first() -> None:
    _, raw = furniture("<div><p>A</p><p>B</p></div>")
    known: dict[dom.Element | None, str] = {None: ""}
    asked = []

    def find(element: dom.Element) -> str:
        asked.append(element.tag)
        return f"{known[element.parent]}/{element.tag}"

    assert [inherited(b.element, known, find) for b in raw] == ["/html/body/div/p"] * 2
    assert asked == ["html", "body", "div", "p", "p"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("A bridge stands in fog. Photo: Jane Brookfield", ("A bridge stands in fog.", "Photo: J")),
        ("A bridge in the fog (© Agence Lumen)", ("A bridge in the fog", "(© A")),
        ("A bridge in the fog   © Agence Lumen", ("A bridge in the fog", "© A")),
        (f"{'x' * 300}. {'y' * 80}  © Agence Lumen", (f"{'x' * 300}. {'y' * 80}", "© A")),
        (f"A bridge in the fog {' ' * 95}© Agence Lumen", ("A bridge in the fog", "© A")),
        ("Far. © Agence Lumen", None),
        ("A bridge stands in the fog.", None),
        ("A bridge stands in the fog", None),
    ],
)
def test_credit_behind(text: str, wanted: tuple[str, str] | None) -> None:
    found = furniture()[0].credit_behind(text, inside=True)
    assert (found and found[0]) == (wanted and wanted[0])
    assert not wanted or (found and found[1].startswith(wanted[1]))
    assert found is None or found[2].reason is Reason.PHOTO_CREDIT


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Tuesday, 3 May 2024", Reason.DATE_LINE),
        ("Our staff on 3.5.2024.", Reason.DATE_LINE),
        ("Words by Élodie Marchand", Reason.BYLINE),
        ("Élodie Marchand was here.", None),
        ("Tuesday 7", None),
        ("3 May 2024 " + "and so on " * 12, None),
    ],
)
def test_signature(text: str, wanted: Reason | None) -> None:
    found = furniture(authors=("Élodie Marchand",))[0].signature(text)
    assert (found and found.reason) is wanted


def test_no_date_is_without_two_digits() -> None:
    for date in ("2024-5-3", "3.5.24", "3. Mai 2024", "3 de mayo de 2024", "May 3, 2024"):
        assert DATED.search(date)
        assert DAY.search(date)


def test_spellings() -> None:
    assert key("«L’Écho»  du Val…") == key('"l\'écho" du val') == "lécho du val"
    assert spaced(" AnnounceText big") == "announce text big"
    assert spaced(" announce-text\n") == "announce-text"
    assert spaced("42 Ä") == "42 ä"


def test_a_page_may_nest_deeply() -> None:
    inner = "<p>The council met again to weigh what to do. " * 20 + "<p><a href='/'>Read also</a>"
    article = clean("<div>" * 2500 + inner)
    assert [cut.text for cut in article.cuts if cut.text == "Read also"]
    assert all(block.path.count("/") < 8 for block in article.blocks)
