from __future__ import annotations

import json

import pytest

from scraper import clean
from scraper.clean.language import plainly, settled, spoken

TEXTS = {
    "en": "The council of the town met on Monday, and it was said that the bridge is to be closed"
    " for a week. This is what the mayor told the people who came to the hall in the evening.",
    "de": "Der Rat der Stadt hat sich am Montag getroffen, und die Brücke ist für eine Woche nicht"
    " mehr auf. Das ist es, was der Bürgermeister den Leuten im Saal mit auf den Weg gab.",
    "fr": "Le conseil de la ville est réuni dans une salle pour dire que le pont ne sera pas"
    " ouvert avec les fêtes. Il est fermé par le maire, qui en a parlé au public et aux élus.",
    "es": "El consejo de la ciudad se reunió el lunes y dijo que el puente no se abre por una"
    " semana. Los vecinos que fueron al salón con las quejas del barrio no lo ven como él.",
    "ru": "Совет города собрался в понедельник и решил, что мост будет закрыт на неделю. Об этом"
    " мэр сказал жителям, которые пришли вечером в зал, чтобы услышать его слова о будущем.",
    "uk": "Рада міста зібралася в понеділок і вирішила, що міст буде закрито на тиждень. Про це"
    " мер сказав мешканцям, які прийшли ввечері до зали, щоб почути його слова про її майбутнє.",
    "ja": "市議会は月曜日に会議を開き、橋を一週間閉鎖することを決めた。市長は市民に説明した。",
    "zh": "市议会星期一召开会议，决定将大桥关闭一周。市长晚上向市民说明情况，大家表示理解。",
    "ko": "시의회는 월요일 회의를 열고 다리를 일주일 동안 폐쇄하기로 결정했다."
    " 시장은 저녁에 모인 시민들에게 설명했다.",
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_the_commonest_words_and_letters_tell_a_language(name: str) -> None:
    assert plainly(TEXTS[name]) == name == spoken(TEXTS[name])


@pytest.mark.parametrize(
    "text",
    [
        "Council bridge mayor Monday week hall evening. " * 6,  # no common words
        "Byen og det er en til på den med der ikke som har de et fra kan. "
        * 4,  # Danish, Norwegian
        "Қала кеңесі дүйсенбіде жиналып, көпірді бір аптаға жабуды ұйғарды. " * 4,  # Kazakh
        "The council of the town.",
    ],
)
def test_what_is_in_doubt_is_left_to_the_model(text: str) -> None:
    assert plainly(text) == ""


def test_a_declared_language_gives_way_to_a_plain_text_only() -> None:
    assert settled("pt-br", "Curto.") == "pt-br"
    assert settled("en", TEXTS["de"]) == "en"  # 160 characters are too few to overrule a page
    assert settled("en", TEXTS["de"] * 3) == "de"
    assert settled("", TEXTS["de"]) == "de"
    assert settled("de-at", TEXTS["de"] * 3) == "de-at"


def test_a_story_that_only_a_script_holds_tells_its_language() -> None:
    body = json.dumps({"@type": "NewsArticle", "articleBody": TEXTS["de"] * 3})
    page = f'<html lang=en><script type="application/ld+json">{body}</script><body></body>'
    assert clean(page).language == "de"
