"""What the page says, what was kept and cut -> what the page is, and how sure that is. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from scraper.clean.compose import container
from scraper.clean.dom import Element, RawBlock
from scraper.clean.metadata import Metadata
from scraper.clean.outcome import Composed
from scraper.clean.rules import fold
from scraper.model import Kind, Reason, Verdict

# Words (CJK: characters). The 2,331 labelled articles have 897 with a whole body; 1 in 100 of those
# is under 90 words, so the walls are told by more than their length.
STUB = 180
WORD = 12  # characters: words are longer on average where spaces set none apart
CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
SHORT = 120
LONG = 150  # more words make a story no surer
CARDS = 5  # a page of fewer teasers is no listing

CHALLENGE = re.compile(
    r"just a moment\.\.\.|attention required!|checking your browser"
    r"|checking if the site connection is secure|verify(?:ing)? (?:that )?you are (?:a )?human"
    r"|are you a robot|press & hold to confirm"
    r"|pardon our interruption|access to this page has been denied|ddos protection by"
    r"|enable javascript and cookies to continue|request unsuccessful\. incapsula"
    r"|human verification|unusual traffic from your",
    re.IGNORECASE,
)
# Words that consent dialogs can't do without, by language; a story holds them in one block in ten.
CONSENT = re.compile(
    r"\bcookies?\b|\bconsent|legitimate interest|personal(?:ised|ized) (?:ads|advert|content)"
    r"|\btracking\b|information on (?:a|your) device|personal data|location data"
    r"|without advertising"
    r"|privacy (?:policy|settings|notice)|consentement|traceurs|données personnelles|vie privée"
    r"|datenschutz|einwilligung|personenbezogen|zustimm|consentimiento|privacidad|datos personales"
    r"|consentimento|dados pessoais|consenso|dati personali|toestemming|persoonsgegevens|ciastecz"
    r"|plik\w+ cookie|dane osobowe|zgod[yęa]\b|файл\w+ cookie|персональн\w+ данн|συγκατάθεση"
    r"|προσωπικ\w+ δεδομέν|çerez|kişisel veri|samtycke|samtykke|personuppgifter|evästeet|souhlas"
    r"|osobní\w+ údaj|hozzájárul|consimțământ"
    r"|クッキー|同意|个人信息|隐私|쿠키|개인정보|ملفات تعريف|עוגיות",
    re.IGNORECASE,
)
ERROR = re.compile(
    r"^(?:error )?404\b|\b404 (?:error|not found|-)|page (?:not found|introuvable|non trouvée)"
    r"|seite (?:wurde )?nicht gefunden|página (?:no|não) encontrada|pagina non trovata"
    r"|pagina niet gevonden|nie znaleziono strony|страница не найдена|η σελίδα δεν βρέθηκε"
    r"|sidan (?:hittades inte|kunde inte hittas)|ページが見つかりません|页面不存在|找不到页面"
    r"|الصفحة غير موجودة|(?:500 )?internal server error|service unavailable|403 forbidden"
    r"|^(?:access denied|not found|forbidden|gone)$",
    re.IGNORECASE,
)


def judge(
    raw: Sequence[RawBlock], done: Composed, meta: Metadata, status: int
) -> tuple[Verdict, str]:
    """The verdict, and what decided it in a few words."""
    words = length(done)
    page = [b for b in raw if not b.element.hidden] if words < STUB else []
    if status >= 400:
        return Verdict.ERROR_PAGE, f"the server answered {status}"
    if page and (marker := challenge(page, meta)):
        return Verdict.BOT_CHALLENGE, marker
    if words < SHORT and (text := ERROR.search(fold(meta.headline))):
        return Verdict.ERROR_PAGE, f"the headline says {text[0]!r}"
    if page and (wall := consent(page)):
        return Verdict.CONSENT_WALL, wall
    if not done.blocks:
        return Verdict.EMPTY, "no text of an article was found"
    if stub := paywall(done, meta, words):
        return Verdict.PAYWALL, stub
    if teasers := listing(raw, done, meta):
        return Verdict.LISTING, teasers
    return Verdict.ARTICLE, f"{words} words"


def length(done: Composed, enough: float = float("inf")) -> int:
    """The words of the story, `enough` or all; of scripts that set none apart, the characters."""
    total = 0
    for block in done.blocks:
        if total >= enough:
            break
        text = block.text
        words = len(text.split())
        if len(text) > WORD * words and not text.isascii():
            words += len(CJK.findall(text))
        total += words
    return total


def challenge(page: Sequence[RawBlock], meta: Metadata) -> str:
    """The words of a bot check, on a page with little other text."""
    if sum(len(block.text) for block in page) > 3000:
        return ""
    found = CHALLENGE.search(fold(" ".join([meta.headline, *(block.text for block in page)])))
    return f"the page says {found[0]!r}" if found else ""


def consent(page: Sequence[RawBlock]) -> str:
    """Says so when most of the page's text asks for consent and no story stands beside it."""
    total = sum(len(block.text) for block in page)
    if total > 6000:
        return ""
    silent = 0
    for block in sorted(page, key=lambda b: -len(b.text)):  # the longest decide soonest
        if not CONSENT.search(fold(block.text)):
            silent += len(block.text)
            if silent * 2 >= total:
                return ""
    return f"{total - silent} of {total} characters ask for consent" if total else ""


def paywall(done: Composed, meta: Metadata, words: int) -> str:
    """Says so when a short text ends in a prompt to pay, or the page declares itself closed."""
    if words >= STUB:
        return ""
    if meta.free_access is False:
        return f"{words} words, and the page declares isAccessibleForFree false"
    # a menu says "Log in" and "Subscribe" on every page: only a sentence counts
    cuts = [cut for cut in done.cuts if cut.reason is Reason.PAYWALL_PROMPT and len(cut.text) > 40]
    prompts = [cut for cut in cuts if cut.rule.startswith("paywall.")]
    if prompts and words < SHORT:
        return f"{words} words, then {prompts[0].rule}"
    return ""


def listing(raw: Sequence[RawBlock], done: Composed, meta: Metadata) -> str:
    """Says so when what was kept is mostly teasers: a heading that is a link, a line or two below.

    A teaser's container holds its heading and little else; a story's paragraphs share one.
    """
    if meta.is_article or meta.published is not None:
        return ""
    if len({container(block) for block in raw if titled(block)}) < CARDS:
        return ""
    cards: dict[Element | None, list[RawBlock]] = {}
    for block in raw:
        cards.setdefault(container(block), []).append(block)
    teasers = {
        place for place, blocks in cards.items()
        if any(titled(b) for b in blocks) and sum(len(b.text) > 200 for b in blocks) <= 1
    }  # fmt: skip
    kept = [raw[p] for p in done.positions]
    inside = [b for b in kept if container(b) in teasers or titled(b)]
    most = sum(len(b.text) for b in inside) > 0.6 * sum(len(b.text) for b in kept)
    if len({container(b) for b in inside}) >= CARDS and most:
        return f"{len(inside)} of {len(kept)} blocks are teasers"
    return ""


def titled(block: RawBlock) -> bool:
    """Whether a block is a heading that is a link."""
    return block.kind is Kind.HEADING and block.link_chars >= 0.8 * len(block.text) > 12


def confidence(raw: Sequence[RawBlock], done: Composed, verdict: Verdict) -> float:
    """How sure the body is, 0..1: how dense the story stands between its first and last block.

    A story without gaps, of some length, in one place, is what trafilatura gets right: the share of
    kept text from the first to the last kept block, times a term that grows to 1 over 150 words.
    """
    if verdict is not Verdict.ARTICLE:
        return 0.0
    kept = {block.text for block in done.blocks}
    own = [i for i, block in enumerate(raw) if block.text in kept]
    words = length(done, LONG)
    if not own:
        return 0.3 * min(1.0, words / LONG)
    between = sum(len(block.text) for block in raw[own[0] : own[-1] + 1])
    density = min(1.0, sum(map(len, kept)) / max(1, between))
    return round(density * (0.4 + 0.6 * min(1.0, words / LONG)), 3)
