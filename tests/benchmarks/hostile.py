"""Seed, number, real pages -> a page such as nobody should write, always the same. Pure."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence

LONGEST = 20_000  # bytes of a damaged page, but of one in WHOLE
WHOLE = 100

WORDS = (
    "the council of harbour town met on Monday by Anna Reporter Photo: Reuters Read also Subscribe"
    " l’été «déjà» vu – Crédit photo Straße Übermaß Foto: dpa Publicidad años по словам мэра города"
    " фото Η κυβέρνηση είπε στην Αθήνα قال الوزير في القاهرة اليوم אמר ראש הממשלה היום सरकार ने कहा"
    " প্রধানমন্ত্রী ประเทศไทยวันนี้ 記者が東京で語った。 政府周三表示, 한국 정부는 Việt Nam đã nói"
    " ﬁnally ①② ｆｕｌｌ Å é 👩‍👩‍👧 \u202eabc \u200b \u00a0 \u00ad \u0301 İ ſ ß 1"
    " 2024 17.05.2024 12:30 € — … | • , . ! ?"
).split(" ")
ODD = ["\0", "\x01", "\x1c", "\x85", "\u2028", "\ufeff", "\ufffe", "\ud800", "\udfff", "\U000e0001"]
ENTITIES = (
    "&amp; &lt; &gt; &nbsp; &quot; &amp;lt; &lt;p&gt; &#0; &#x80; &#xD800; &#x110000; &#10; &notin;"
    " &shy; &zwj; &copy &ampx & < > <> </ <3 a<b &lt;!-- --&gt; ]]>"
).split(" ")
TAGS = (
    "p p p p p div div div span a a b em i br br img h1 h2 h3 ul li li ol dl dd dt table tr td td"
    " th tbody caption figure figcaption blockquote pre code section article main header footer nav"
    " aside form button input select option textarea label svg math path desc title noscript iframe"
    " template video hr center font small time abbr sup ruby rt object map area details summary"
    " dialog o:p amp-img x-y body html head frameset plaintext xmp listing image isindex p/ P"
).split(" ")
VALUES = (
    'related "quoted" it\'s a<b a>b <p> --> <!-- photo-credit caption byline article-body story'
    " sidebar share newsletter comments display:none visibility:hidden true author headline #top"
    " https://example.org/a?b=1&c=2 //x /2024/05/ javascript:void(0) 2024-05-17T12:00:00+02:00 &"
    " = /"
).split(" ")
NAMES = (
    "class class class id id style hidden aria-hidden role itemprop href src alt datetime rel"
    ' " \' < = data-x onclick lang xml:lang : a"b'
).split(" ")
SCRIPTS = (
    '{"@type":"NewsArticle","headline":%s,"articleBody":%s,"author":[{"name":%s}]}',
    '{"@graph":[{"@type":["Article"],"description":%s,"articleBody":%s,"keywords":%s},]}',
    '[%s,{"@type":"BlogPosting","datePublished":%s,"articleBody":%s',
)  # fmt: skip


class Maker:
    """Makes up one page."""

    def __init__(self, seed: str) -> None:
        self.rng = random.Random(seed)
        self.odd = self.rng.random() < 0.1  # characters that no page should hold

    def text(self, most: int = 30) -> str:
        """A run of text, as the source of the page has it."""
        rng = self.rng
        words = rng.choices(WORDS, k=rng.randint(1, most))
        if rng.random() < 0.2:
            words.append(rng.choice(ENTITIES))
        if self.odd:
            words.insert(rng.randint(0, len(words)), rng.choice(ODD))
        return rng.choice(("", "", " ", "\n")) + " ".join(words) + rng.choice(("", ". ", ".", "?"))

    def tag(self, name: str) -> str:
        """A start tag."""
        rng = self.rng
        parts = [name]
        while rng.random() < 0.45:
            value, quote = rng.choice(VALUES), rng.choice(('"', '"', '"', "'", ""))
            if quote == '"' and rng.random() < 0.9:
                value = value.replace('"', "&quot;")
            parts.append(f"{rng.choice(NAMES)}={quote}{value}{quote}")
        return f"<{' '.join(parts)}{rng.choice(('>', '>', '>', '>', '>', '>', '/>', ' >'))}"

    def script(self) -> str:
        """A script with JSON-LD, or with a story in a string."""
        rng = self.rng
        if rng.random() < 0.5:
            inner = [json.dumps(self.text(60)) for _ in range(3)]
            text = rng.choice(SCRIPTS) % tuple(inner)
            return f'<script type="application/ld+json">{text}</script>'
        story = "".join(f"<p>{self.text(60)}</p>" for _ in range(rng.randint(2, 5)))
        for _ in range(rng.randint(1, 3)):
            story = json.dumps({"html": story}, ensure_ascii=rng.random() < 0.5)
        return f"<script>window.state = {story}</script>"

    def nodes(self, count: int) -> str:
        """`count` nodes, one behind the other or in each other; some are never closed."""
        rng, parts = self.rng, []
        open_tags: list[str] = []
        for _ in range(count):
            what = rng.random()
            if what < 0.35:
                name = rng.choice(TAGS)
                parts.append(self.tag(name))
                open_tags.append(name)
            elif what < 0.65:
                parts.append(self.text(rng.choice((4, 4, 60))))
            elif what < 0.93 and open_tags:
                parts.append(f"</{open_tags.pop() if rng.random() < 0.9 else rng.choice(TAGS)}>")
            elif what < 0.95:
                parts.append(f"<!--{self.text()}-->")
            elif what < 0.96:
                parts.append(self.script())
        return "".join(parts)

    def table(self, depth: int = 0) -> str:
        """A table, of data or of layout, with tables in it."""
        rng, rows = self.rng, []
        for _ in range(rng.randint(1, 4)):
            cells = []
            for _ in range(rng.randint(1, 4)):
                deeper = depth < 4 and rng.random() < 0.15
                inner = self.table(depth + 1) if deeper else self.text(4)
                cells.append(f"<td>{inner}" if rng.random() < 0.8 else f"<th>{self.nodes(3)}</th>")
            rows.append("<tr>" + "".join(cells))
        return f"<table>{''.join(rows)}</table>"

    def story(self) -> str:
        """What looks like an article."""
        rng = self.rng
        paragraphs = [f"<p>{self.text(60)}</p>" for _ in range(rng.randint(0, 12))]
        return f"<h1>{self.text(8)}</h1><div class=article-body>{''.join(paragraphs)}</div>"

    def page(self) -> str:
        """A whole page."""
        rng = self.rng
        parts = [self.nodes(rng.randint(1, 50)), self.nodes(rng.randint(1, 50))]
        if rng.random() < 0.5:
            parts.insert(rng.randint(0, 2), self.story())
        if rng.random() < 0.3:
            parts.insert(rng.randint(0, 2), self.table())
        if rng.random() < 0.2:
            parts.insert(0, self.script())
        if rng.random() < 0.02:
            parts.insert(1, self.tag(rng.choice(TAGS)) * rng.randint(10, 2500))
        if rng.random() < 0.5:
            title = json.dumps(self.text(8))
            parts.insert(
                0, f"<title>{self.text(8)}</title><meta property=og:title content={title}>"
            )
        return "".join(parts)


def damaged(rng: random.Random, sources: Sequence[bytes]) -> bytes:
    """A real page, cut, spliced, flipped, with parts said twice."""
    body = rng.choice(sources)
    if len(body) > LONGEST and rng.randrange(WHOLE):
        start = rng.randrange(len(body) - 1000)
        body = body[start : start + rng.randint(1000, LONGEST)]
    for _ in range(rng.randint(1, 4)):
        one, two = sorted(rng.choices(range(len(body) + 1), k=2))
        two = min(two, one + 2000)
        match rng.randrange(5):
            case 0:
                body = body[:one] + body[two:]
            case 1:
                other = rng.choice(sources)
                start = rng.randrange(len(other) + 1)
                body = body[:one] + other[start : start + 2000] + body[one:]
            case 2:
                body = body[:one] + body[one:two] * rng.randint(2, 4) + body[two:]
            case 3:
                body = body[:two] if rng.random() < 0.3 else body
            case _:
                flipped = bytearray(body)
                for _ in range(rng.randint(0, 20) if flipped else 0):
                    low = rng.random() < 0.9  # what stays ASCII asks for no detector
                    flipped[rng.randrange(len(flipped))] = rng.randrange(128 if low else 256)
                body = bytes(flipped)
    return body


def made(seed: int, number: int, sources: Sequence[bytes]) -> bytes:
    """Page `number` of the run with `seed`."""
    maker = Maker(f"{seed}/{number}")
    if sources and number % 3 == 2:
        return damaged(maker.rng, sources)
    return maker.page().encode("utf-8", "surrogatepass")
