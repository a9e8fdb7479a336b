from __future__ import annotations

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.clean.encoding import PRESCAN, declared_encoding, decode, tidy

FRENCH = "L’été à Sète : « déjà vu », 5 € l’entrée, œuvre d’un élève français. " * 4
RUSSIAN = "Городской совет вчера снова отложил решение о новом мосте через реку. " * 4
JAPANESE = "市議会は昨日、新しい橋の建設に関する決定を再び延期しました。①㈱" * 4
CHINESE = "市议会昨天再次推迟了关于新桥的决定，朱镕基说。" * 4
KOREAN = "시의회는 어제 새 다리에 관한 결정을 다시 연기했다. 똠방각하 " * 4
GREEK = "Το δημοτικό συμβούλιο ανέβαλε χθες ξανά την απόφαση για τη γέφυρα. " * 4

# text, how it is written, what the page calls that (labels mean to browsers what WHATWG says)
WRITTEN = [
    (FRENCH, "cp1252", "iso-8859-1"),
    (FRENCH, "cp1252", "ISO_8859-1"),
    (FRENCH, "cp1252", "latin1"),
    (FRENCH, "cp1252", "us-ascii"),
    (FRENCH, "cp1252", "windows-1252"),
    (FRENCH, "cp1254", "iso-8859-9"),
    ("5 € – “x” é" * 9, "cp1252", "iso-8859-1"),
    (FRENCH.replace("’", "'").replace("œ", "oe"), "iso8859-15", "iso-8859-15"),
    (RUSSIAN, "cp1251", "windows-1251"),
    (RUSSIAN, "koi8-r", "koi8-r"),
    (GREEK, "cp1253", "windows-1253"),
    (JAPANESE, "cp932", "shift_jis"),
    (JAPANESE, "cp932", "Shift-JIS"),
    (JAPANESE.replace("①㈱", ""), "euc_jp", "euc-jp"),
    (JAPANESE.replace("①㈱", ""), "iso2022_jp", "iso-2022-jp"),
    (CHINESE, "gb18030", "gb2312"),
    (CHINESE + "㐀𠀀", "gb18030", "gbk"),
    ("市議會昨天再次推遲了關於新橋的決定。" * 4, "big5", "big5"),
    (KOREAN, "cp949", "euc-kr"),
    ("สภาเทศบาลเมื่อวานนี้เลื่อน “อีกครั้ง”…" * 4, "cp874", "tis-620"),
]


@pytest.mark.parametrize(("text", "codec", "label"), WRITTEN)
def test_a_declared_encoding(text: str, codec: str, label: str) -> None:
    body = text.encode(codec)
    assert decode(body, f"text/html; charset={label}") == text
    assert decode(body, f'text/html;Charset = "{label.upper()}"; x=y') == text
    for meta in (
        f'<meta charset="{label}">',
        f"<META name=x CHARSET = '{label}' />",
        f'<meta http-equiv=Content-Type content="text/html; charset={label}">',
    ):
        source = f"<html><head><title>x</title>{meta}".encode() + body
        assert decode(source, "text/html") == source[: -len(body)].decode() + text


@pytest.mark.parametrize(
    ("label", "codec", "usual", "beyond"),
    [
        ("us-ascii", "cp1252", "a plain text ", "“"),
        ("iso-8859-1", "cp1252", "un élève ", "€"),
        ("iso-8859-9", "cp1254", "bir öğrenci ", "€"),
        ("iso-8859-11", "cp874", "ไทย ", "“"),
        ("tis-620", "cp874", "ไทย ", "…"),
        ("gb2312", "gb18030", "市议会昨天推迟", "镕"),
        ("gbk", "gb18030", "市议会昨天推迟", "㐀"),
        ("shift_jis", "cp932", "市議会は昨日", "①"),
        ("euc-kr", "cp949", "시의회는 어제 ", "똠"),
        ("big5", "big5hkscs", "市議會昨天推遲", "㗎"),
    ],
)
def test_a_label_stands_for_what_browsers_take_it_for(
    label: str, codec: str, usual: str, beyond: str
) -> None:
    text = usual * 50 + beyond  # so rare that nothing but the label decides
    assert text.encode(codec).decode(label, "replace") != text  # Python's own is narrower
    assert decode(text.encode(codec), f"text/html; charset={label}") == text


def test_the_header_comes_before_the_meta_tag() -> None:
    body = b'<meta charset="koi8-r">' + RUSSIAN.encode("cp1251")
    assert decode(body, "text/html; charset=windows-1251").endswith(RUSSIAN)
    assert not decode(body).endswith(RUSSIAN)
    assert decode(body, "text/html; charset=no-such").endswith(body.decode("koi8-r")[-40:])


@pytest.mark.parametrize("padding", [0, 1500, PRESCAN - 100])
def test_a_meta_tag_may_come_late(padding: int) -> None:
    body = b" " * padding + b'<meta charset="koi8-r">' + RUSSIAN.encode("koi8-r")
    assert declared_encoding(body, "text/html") == "koi8-r"
    assert decode(body).endswith(RUSSIAN)


def test_a_meta_tag_in_the_story_says_nothing() -> None:
    assert declared_encoding(b" " * PRESCAN + b"<meta charset=koi8-r>", "text/html") == ""


@pytest.mark.parametrize(
    ("bom", "codec"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ],
)
def test_a_bom_comes_before_all(bom: bytes, codec: str) -> None:
    text = '<meta charset="koi8-r">Où ? 市 😀'
    assert decode(bom + text.encode(codec), "text/html; charset=windows-1251") == text


@pytest.mark.parametrize("label", ["iso-8859-1", "windows-1251", "gb2312", "shift_jis", "utf-16"])
@pytest.mark.parametrize("text", [FRENCH, RUSSIAN, JAPANESE, "é"])
def test_valid_utf8_wins_over_a_wrong_declaration(label: str, text: str) -> None:
    assert decode(text.encode(), f"text/html; charset={label}") == text
    source = f'<meta charset="{label}">{text}'
    assert decode(source.encode()) == source


@pytest.mark.parametrize("label", ["utf-16", "utf-16le", "UTF-16BE"])
def test_a_meta_tag_that_can_be_read_names_no_utf16(label: str) -> None:
    source = f'<meta charset="{label}">plain'
    assert decode(source.encode()) == source


def test_utf16_without_a_bom() -> None:
    assert decode("plain".encode("utf-16-be"), "text/html; charset=utf-16be") == "plain"
    assert decode("plain".encode("utf-16-le"), "text/html; charset=utf-16") == "plain"


@pytest.mark.parametrize(
    ("text", "codec"), [(RUSSIAN, "cp1251"), (JAPANESE, "cp932"), (GREEK, "cp1253")]
)
@pytest.mark.parametrize("declared", ["", "text/html; charset=utf-8", "text/html; charset=none"])
def test_the_detector_reads_what_is_not_or_wrongly_declared(
    text: str, codec: str, declared: str
) -> None:
    assert decode(text.encode(codec), declared) == text


def test_a_few_broken_characters_leave_a_declaration_true() -> None:
    body = RUSSIAN.encode() + b"\xff" + "Où ?".encode()
    assert decode(body, "text/html; charset=utf-8") == f"{RUSSIAN}\ufffdOù ?"
    assert decode(b'<meta charset="utf-8">' + body).endswith(f"{RUSSIAN}\ufffdOù ?")


UNDECLARED = [
    "café",
    "Le conseil s’est réuni : « déjà vu », a dit l’élu où l’été dure, 5 € l’entrée. " * 9,
    "Kommunfullmäktige mötte igår för att besluta om bron över ån. Det är på tiden. " * 9,
    "A câmara não decidiu sobre a ponte, disse o vereador João; é preciso atenção. " * 9,
]


@pytest.mark.parametrize("text", UNDECLARED)
def test_western_text_that_says_no_encoding_is_windows_1252(text: str) -> None:
    assert decode(text.encode("cp1252")) == text


def test_nothing_that_no_database_takes() -> None:
    assert decode(b"a\0b\0") == "ab"
    assert decode(b"") == ""
    assert decode(codecs.BOM_UTF8) == ""
    assert tidy("a\ud800b\udfff\0") == "a\ufffdb\ufffd"
    assert decode(b"\xff\xfea\0\0\xd8b\0\0\0") == "a\ufffdb"


# Codecs of Python's that no browser knows: they raise, warn, or read what is not written there
FOREIGN = """idna undefined base64 hex rot13 zlib bz2 uu quopri punycode unicode_escape
raw_unicode_escape utf-7 cp037""".split()


@pytest.mark.parametrize("label", FOREIGN)
def test_a_codec_that_no_browser_knows_says_nothing(label: str) -> None:
    for source in (f"<meta charset={label}>plain \\d \\u0041 +AEE- xn--bcher-kva", f"{label}-é"):
        assert decode(source.encode(), f"text/html; charset={label}") == source


@pytest.mark.parametrize("label", ["none", "../../etc/passwd", "-", "x" * 41, "é"])
def test_an_unknown_label_says_nothing(label: str) -> None:
    source = f"<meta charset={label}>plain"
    assert decode(source.encode(), f"text/html; charset={label}") == source
    assert declared_encoding(source.encode(), f"text/html; charset={label}") == ""


LABELS = """utf-8 ibm866 iso-8859-2 iso-8859-6 iso-8859-8-i iso-8859-16 koi8-r koi8-u macintosh
windows-874 windows-1250 windows-1258 x-mac-cyrillic gbk gb18030 hz-gb-2312 big5 euc-jp iso-2022-jp
iso-2022-kr shift_jis euc-kr replacement utf-16be utf-16le x-user-defined us-ascii utf-32""".split()
DECLARED = st.sampled_from(["", *(f"text/html; charset={label}" for label in LABELS)])
PIECES = st.sampled_from([b"<meta charset=big5>", b"\x1b$B", b"~{", "é市".encode(), b"\xff\xfe"])


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@given(st.lists(st.one_of(st.binary(max_size=40), PIECES), max_size=6).map(b"".join), DECLARED)
def test_any_bytes_decode(body: bytes, declared: str) -> None:
    found = decode(body, declared)
    assert "\0" not in found
    found.encode()  # no surrogates
    assert found == decode(body, declared)


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@given(st.text(max_size=80), DECLARED)
def test_utf8_comes_out_as_it_went_in(text: str, declared: str) -> None:
    text = f"é{text}"
    assert decode(text.encode(), declared) == text.replace("\0", "")
