"""Bylines -> names of people and agencies. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from scraper.clean.rules import fold

MOST = 20  # names of one page
VALUE = 2000  # characters of a byline; of a longer text no part is one
LONGEST = 60  # characters of a name
# What a byline begins with, in the languages of the rules: a preposition, often behind a verb;
PREPOSITIONS = "by von par por di door av af przez oleh από".split()
VERBS = (
    "article story text words report reported reporting written posted published created authored"
    " contributed submitted interview recommended guide verfasst geschrieben écrit publié rédigé"
    " escrito publicado scritto testo geschreven skrevet skriven tekst napisane ditulis"
).split()
# phrases that a name follows at once;
PHRASES = (
    "propos recueillis par|a cura di|ein beitrag von|scris de|γράφει(?: [οη])?|γράφουν(?: οι)?"
    "|napisał[ao]?|opracował[ao]?|napsal[ao]?|подготовил[аи]?|записал[аи]?|беседовал[аи]?|بقلم|كتب"
    "|מאת|记者|記者"
)
# and words that a colon follows.
COLONED = (
    "authors?|author name|words|reporter|autor(?:in|en|innen|ka|zy|i|a)?|auteurs?|autore|redacción"
    "|texto?|texte|testo|tekst|forfatter|skribent|kirjoittanut|teksti|szerző|írta|yazan|yazar"
    "|penulis|tác giả|автор[ыи]?|текст|作者|撰文|文"
)
BY = re.compile(
    rf"(?:(?:(?:{'|'.join(VERBS)}) )?(?:{'|'.join(PREPOSITIONS)})|{PHRASES})"
    rf"(?:\s*[:：/／]\s*|\s+|(?-i:(?=[A-Z][a-z])))|(?:{COLONED})\s*[:：／]\s*",
    re.IGNORECASE,
)
# What stands between two names; behind a comma stand roles and places as well.
AND = re.compile(
    r"\s*(?:[;|、،，]|\s/\s|(?P<comma>,)|&|＆"
    r"|\s(?:and|und|et|y|e|en|och|og|i|и|και|ve|dan|ja|a|with|mit|avec)(?=\s))\s*",
    re.IGNORECASE,
)
PARTICLES = frozenset(
    "de da di van von der den del dell della la le du des dos das do e y zu zur ten ter bin ibn al"
    " el af av of st. san".split()
)
ELISIONS = ("d'", "d’", "l'", "l’")
LETTERS = re.compile(r"[\W_]+")
ROLE = re.compile(r"\s*(?:기자|특파원|記者|记者)(?:\s*외\s*\d+명)?$")  # behind a name
SURNAME_FIRST = re.compile(r"([^\W\d]+(?:-[^\W\d]+)?), ([^\W\d]+\.?(?: [^\W\d]+\.?)?)")
GENERATION = re.compile(r"(?:jr|sr|i{2,3}|iv)\.?", re.IGNORECASE)  # part of a name
# Degrees that stand behind a name, after a comma.
DEGREE = re.compile(
    r"(?:m\.?[ads]|ph\.?\s?d|r\.?[dn]|d\.?v\.?m|esq|cpa|cf[ap]|jd|mba|mph|msw|msc|bsc|rdn|dds|ldn?)"
    r"\.?",
    re.IGNORECASE,
)
# News agencies that sign with their initials.
AGENCIES = frozenset(
    "aa aap afp afx agi aka anka ani anp ansa antara ap apa ats belga bernama bns bta cp ctk čtk"
    " dha dpa efe elta epd hina ians iha interfax jiji kna kyodo lusa mti ntb pap pti reuters"
    " ritzau sda sid stt tasr tass tt upi vna xinhua yonhap".split()
)
NO_NAME = re.compile(
    r"https?:|www\.|@|/\w+/|^\W*$|\d{3}|\{\{|\.(?:com|org|net|author)\b|\bby$"
    r"|^(?:admin(?:istrator)?|editors?|staff|by|von|par|por|di|door|web ?master|null|none|undefined"
    r"|guest|unknown|anonymous|user|redaktion|redazione|rédaction|redacción|redacția|redakcja"
    r"|(?:the )?author(?: name)?|contributor|agencies|agenturen|agenzie|agences|facebook|twitter)$",
    re.IGNORECASE,
)
# Words that no person's name has: of roles, houses, buttons, headings.
OTHER_WORDS = frozenset(
    "about admin agency all analyst article articles assistant associate association author"
    " best bio blog by call case categories category center centre ceo certified chief columnist"
    " comment comments company consultant contents contributor contributors coordinator"
    " correspondent correspondents cto department deputy desk director doctor editor editorial"
    " editors email engineer expert facebook follow former foundation founder free gmbh grader"
    " group guide haberler haberleri how inc instagram institute journalist journaliste key"
    " korrespondent korrespondentin lawyer lead level licensed linkedin llc ltd magazine manager"
    " managing marketing media meet min minutes more nachrichten news newsroom noticias notizie"
    " nouvelles nurse officer our photographer policy post posts press producer professor"
    " published read redacción redactie redakteur redakteurin redaktion redazione reporter"
    " reporters reviewed rédaction senior service services share society source specialist"
    " sponsored sr staff stories subscribe table tag tags team the therapist times tips top"
    " twitter type university updated use verlag weblog what whatsapp why writer writers your"
    " youtube zeitung корреспондент редакция".split()
)
WORD = re.compile(r"\w+")
DIGIT = re.compile(r"\d")
UNCASED = re.compile(r"[\u0590-\u08ff\u0900-\u109f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")


def people(values: Iterable[str], whole: Collection[str] = ()) -> tuple[str, ...]:
    """The names in bylines, each once, without "By", roles and degrees; at most 20.

    Those in `whole` are one name, whatever they hold: "Center for Art and Research".
    """
    found: dict[str, str] = {}
    for value in values:
        if NO_NAME.search(value) or len(value) > VALUE:
            continue
        for name in [value] if value in whole else split(value):
            if GENERATION.fullmatch(name) and found:
                last, full = found.popitem()
                found[last] = f"{full}, {name}"
            elif name and len(name) <= LONGEST and not NO_NAME.search(name):
                found.setdefault(LETTERS.sub("", fold(name).casefold()) or name, name)
    return tuple(found.values())[:MOST]


def split(value: str) -> Iterator[str]:
    """The names in one byline; of what commas part only names, where the first is a person's."""
    if match := BY.match(value):
        value = value[match.end() :]
    value = ROLE.sub("", value)
    begin, comma, sure = 0, False, False
    for match in (*AND.finditer(value), None):
        part = value[begin : match.start() if match else None].strip()
        if begin == 0:
            sure = is_person(part)
        named = not (sure and comma) or is_person(part) or known(part)
        if named and not DEGREE.fullmatch(part):
            yield part
        if match:
            begin, comma = match.end(), match["comma"] is not None


def parts(value: str) -> Iterator[str]:
    """What stands between commas, "and" and their like."""
    begin = 0
    for match in AND.finditer(value):
        yield value[begin : match.start()]
        begin = match.end()
    yield value[begin:]


def turned(name: str) -> str:
    """A name with its surname first, the other way round."""
    match = SURNAME_FIRST.fullmatch(name)
    return f"{match[2]} {match[1]}" if match else name


def known(part: str) -> bool:
    """Whether a part of a byline is an agency, or belongs to the name before."""
    return part.casefold() in AGENCIES or GENERATION.fullmatch(part) is not None


def other_word(text: str) -> int:
    """Where the first word begins that is of no person's name; -1 when there is none."""
    for match in WORD.finditer(text):
        if match[0].lower() in OTHER_WORDS:
            return match.start()
    return -1


def is_person(name: str) -> bool:
    """Whether `name` looks like a person's: two to five words, with capitals or without case."""
    words = name.split()
    if len(name) > 40 or ":" in name or DIGIT.search(name) or NO_NAME.search(name):
        return False
    if not name.isascii() and UNCASED.search(name):
        return len(name) <= 20
    if not 2 <= len(words) <= 5 or other_word(name) >= 0:
        return False
    big = [word for word in words if word.lstrip("'’\"(")[:1].isupper()]
    small = [word for word in words if word not in big]
    return len(big) > 1 and all(w in PARTICLES or w.startswith(ELISIONS) for w in small)
