"""Text, declared language -> language. Pure."""

from __future__ import annotations

import re

import py3langid

from scraper.clean.shingles import CJK

ENOUGH = 40  # characters: shorter texts are guessed wrong too often to say anything
SAMPLE = 1500  # characters that are read for their commonest words, of
WORDS = 30  # words or more, of which
SHARE = 0.15  # belong to one language, and
LEAD = 1.4  # times as many as to any other
# The commonest words that tell a language from its neighbours; py3langid takes 0.6 ms per 1,000
# characters, these a tenth of a millisecond.
COMMON = {
    "en": "the of and to in that is for it with was on as are be this by at from have has",
    "de": "der die und den von zu das mit sich des auf für ist im dem nicht ein eine als auch",
    "fr": "le les des et est une du dans que pour qui sur pas au plus par il avec ce aux",
    "es": "el los las del y una con por para que en se su es lo como más pero fue al",
    "pt": "o os as do da dos das não uma em com para que um é ao na no pela mais",
    "it": "il di che è la per un del non sono della con una le dei gli nel alla si da",
    "nl": "het een van de en dat niet zijn voor met op is te die aan er ook door naar werd",
    "cs": "se na je v že s z do o jsou pro jako byl podle by ale po které který však",
    "sv": "och att det som en är av för inte den med till på har ett om var de från kan",
    "da": "og at det er en til af på den med der ikke som har de et fra blev kan af",
    "no": "og at det er en til av på den med der ikke som har de et fra ble kan etter",
    "sk": "sa na je v že s z do o sú pre ako bol podľa ale po ktoré ktorý však",
    "fi": "ja on ei että se oli joka mutta hän myös ovat kun ole mukaan tai jos sen vain ollut",
    "ro": "și de în la cu pe care nu din este că un pentru mai sunt au fost prin să dar",
    "id": "yang dan di ini itu dengan untuk dari dalam tidak akan pada juga ke adalah oleh karena",
}
COMMON_IN: dict[str, list[str]] = {}  # the languages by word
for _name, _row in COMMON.items():
    for _word in set(_row.split()):
        COMMON_IN.setdefault(_word, []).append(_name)
# Letters that tell a language, their share of its characters at least, and letters of others that
# use them as well (Kazakh and Belarusian have "ы", Azerbaijani has "ı").
LETTERS = (
    ("ru", "ы", 0.008, "қңғүұөәһіў"),
    ("uk", "їє", 0.006, "ыэ"),
    ("el", "αά", 0.04, ""),
    ("pl", "łęą", 0.012, ""),
    ("tr", "ı", 0.015, "ə"),
    ("hu", "őű", 0.005, ""),
    ("vi", "ơư", 0.02, ""),
)
KANA, HANGUL, HAN = (
    re.compile(f"[{span}]") for span in ("\u3040-\u30ff", "\uac00-\ud7a3", "\u3400-\u9fff")
)
CJK_SHARE = 0.3  # of the characters; of Japanese a tenth and more are kana


def spoken(text: str) -> str:
    """The language of `text` (ISO 639-1) by its first 4,000 characters; "" if it is too short."""
    sample = text[:4000]
    if len(sample) < ENOUGH:
        return ""
    if quick := plainly(sample[:SAMPLE]):
        return quick
    name, _ = py3langid.classify(sample)
    return str(name)


def plainly(text: str) -> str:
    """The language that the script or the commonest words of `text` show; "" if in doubt."""
    if not text.isascii() and (found := by_script(text)):
        return found
    words = text.lower().split()
    if len(words) < WORDS:
        return ""
    said = dict.fromkeys(COMMON, 0)
    for word in words:
        for name in COMMON_IN.get(word, ()):
            said[name] += 1
    first, second = sorted(said, key=said.__getitem__)[:-3:-1]
    if said[first] < SHARE * len(words) or said[first] < LEAD * said[second]:
        return ""
    return first


def by_script(text: str) -> str:
    """The language of a script or of letters that no other uses so much; "" for most."""
    for name, letters, share, foreign in LETTERS:
        if sum(map(text.count, letters)) >= share * len(text) and not any(
            letter in text for letter in foreign
        ):
            return name
    enough = CJK_SHARE * len(text)
    if len(CJK.findall(text)) < enough:
        return ""
    hangul, kana = len(HANGUL.findall(text)), len(KANA.findall(text))
    if hangul >= enough:
        return "ko"
    if kana + (han := len(HAN.findall(text))) < enough:
        return ""
    return "ja" if kana * 10 > han else "zh"


def settled(declared: str, text: str) -> str:
    """The declared language, unless the text speaks plainly another one.

    A region is kept ("pt-br"). Content systems often leave the "en" that they came with.
    """
    heard = spoken(text)
    if not heard or declared.split("-")[0] == heard:
        return declared
    return heard if not declared or len(text) > 400 else declared
