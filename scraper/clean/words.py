"""Classes and ids -> the groups of meanings that their words belong to, a bit each. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from string import ascii_letters

# What content systems call their boxes. A word is looked up whole; one that is unknown may still
# hold one of the longer words (`articlebody`).
GROUPS = {
    "article": "article artikel articolo articulo noticia nota news story post entry beitrag hentry"
    " publication document statya",
    "content": "content contents inhalt contenido contenuto contenu main page single primary",
    "body": "body text texto testo tekst txt corps copy rte wysiwyg prose paragraph para detail"
    " details full fulltext editor richtext",
    "title": "title headline heading hed titel titre titulo titolo tytul name",
    "lead": "lead lede intro introduction standfirst chapo chapeau deck dek summary subtitle"
    " subheadline subhead abstract excerpt vorspann sapo sommario perex anons announce ingress",
    "author": "author authors autor auteur autore byline writer contributor reporter journalist",
    "date": "date time timestamp published datetime dateline datum fecha data updated pubdate meta"
    " info postmeta",
    "caption": "caption captions figcaption legend legende bildunterschrift cutline",
    "credit": "credit credits copyright source photographer fotograf rights",
    "image": "image images img photo photos picture figure gallery media bild foto slide slider"
    " slideshow carousel thumb thumbnail lightbox",
    "comment": "comment comments disqus reply replies respond kommentar kommentare comentarios"
    " commentaires forum discussion livefyre feedback review reviews rating vote poll",
    "share": "share sharing social facebook twitter whatsapp follow like likes addthis sns socials"
    " sharebar shares linkedin pinterest email print tools",
    "nav": "nav navigation menu navbar breadcrumb breadcrumbs topbar toolbar pagination pager tabs"
    " tab dropdown skip submenu crumbs crumb path jump",
    "foot": "footer foot bottom legal imprint colophon fineprint disclaimer",
    "head": "header head masthead top logo branding hero",
    "side": "sidebar aside side rail right left secondary column col sticky",
    "related": "related recommended recommendation recommendations more readmore further similar"
    " popular trending mostread latest recirc also next prev previous incoming other others"
    " suggestions suggested zobacz lire leer lesen",
    "list": "list listing teaser teasers card cards grid feed item items row rows archive index"
    " collection tile tiles",
    "ad": "ad ads adv advert advertisement sponsor sponsored dfp promo promotion outbrain taboola"
    " adsense werbung anzeige publicidad reklama commercial affiliate cta offer deal",
    "newsletter": "newsletter subscribe subscription signup mailing optin mailchimp alert alerts",
    "account": "paywall premium subscriber login register account signin password user member",
    "box": "widget module block box component plugin wrapper container inner panel callout infobox"
    " factbox highlight sidebox inset embed",
    "tags": "tag tags keyword keywords topic topics category categories label labels section",
    "bio": "bio biography about profile avatar team",
    "cookie": "cookie cookies consent gdpr privacy cmp onetrust",
    "unseen": "hidden hide visually sr only screen reader modal popup overlay tooltip accessibility"
    " offscreen noprint",
    "quote": "quote blockquote pullquote testimonial tweet instagram",
    "toc": "toc outline anchor anchors jumplinks",
    "video": "video player audio podcast playlist episode stream live",
    "search": "search form input field contact filter",
    "product": "product products price shop cart buy amazon specs rating pros cons",
    "event": "event events weather stock ticker market score scoreboard table quiz",
}  # fmt: skip
BIT = {name: 1 << n for n, name in enumerate(GROUPS)}
WORDS: dict[str, int] = {}
for _name, _row in GROUPS.items():
    for _word in _row.split():
        WORDS[_word] = WORDS.get(_word, 0) | BIT[_name]
STEM = 6  # letters: a known word as long as that tells something inside another one, too
# The longer words by their first letters: few words hold any of these stems.
STEMS: dict[str, list[tuple[str, int]]] = {}
for _word, _bits in WORDS.items():
    if len(_word) >= STEM:
        STEMS.setdefault(_word[:STEM], []).append((_word, _bits))
# A word that begins with a capital: `articleBody` has two words, as `XMLMenu` has
CAPITAL = re.compile("([A-Z](?:[a-z]+|[A-Z]*(?![a-z])))")
APART = "\0"  # between the classes of two elements
KEPT = f"{APART}{ascii_letters}".encode()
LETTERS = bytes(code if code in KEPT else ord(" ") for code in range(256))


@lru_cache(maxsize=8192)
def bits(word: str) -> int:
    """The groups that a word belongs to."""
    found = WORDS.get(word)
    if found is None:
        found = 0
        for at in range(len(word) - STEM + 1):
            for known, group in STEMS.get(word[at : at + STEM], ()):
                if word.startswith(known, at):
                    found |= group
    return found


def groups(classes: Sequence[str]) -> list[int]:
    """The groups of all words in each of `classes`, which are read in one go. None holds a NUL.

    A word is a run of ASCII letters, or the part of one that begins with a capital.
    """
    text = APART.join(classes).encode("ascii", "replace").translate(LETTERS).decode("ascii")
    if not text.islower():
        text = " ".join(CAPITAL.split(text)).lower()
    found = []
    for words in text.split(APART):
        own = 0
        for group in map(bits, words.split()):
            own |= group
        found.append(own)
    return found
