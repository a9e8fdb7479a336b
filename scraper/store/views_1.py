"""The views of migration 1: frozen SQL. A later change is a migration of its own."""

from __future__ import annotations

VIEWS = """
CREATE VIEW latest ( -- the newest articles first
  id, -- articles.id
  published, -- ISO 8601 UTC as the page says, else when we first saw it
  site, -- registrable domain
  headline, -- without markup
  standfirst, -- '' without one
  authors, -- names with commas between
  words, -- of the text
  language, -- BCP 47
  section, -- of the publication
  confidence, -- 0 to 1
  url -- where it was read
) AS
SELECT id, coalesce(published, first_seen), site, headline, standfirst,
  (SELECT group_concat(value, ', ') FROM json_each(authors)),
  words, language, section, confidence, url
FROM articles ORDER BY coalesce(published, first_seen) DESC;

CREATE VIEW article_text ( -- what a reader reads
  id, -- articles.id
  url, -- where it was read
  site, -- registrable domain
  headline, -- without markup
  text, -- the headline, a blank line, the body
  published -- ISO 8601 UTC; NULL when the page does not say
) AS
SELECT id, url, site, headline, headline || char(10, 10) || body, published FROM articles;

CREATE VIEW edits ( -- who changed what after publication, the latest edit first
  article_id, -- articles.id
  site, -- registrable domain
  url, -- where it was read
  revision, -- the number of the new version
  seen_at, -- ISO 8601 UTC, when the change was seen
  changed, -- JSON list of the fields that differ
  headline_before, -- of the version before
  headline_after, -- of this version
  body_before, -- of the version before
  body_after -- of this version
) AS
SELECT a.id, a.site, a.url, r.revision, r.seen_at, r.changed,
  p.headline, r.headline, p.body, r.body
FROM revisions r
JOIN articles a ON a.id = r.article_id
JOIN revisions p ON p.article_id = r.article_id AND p.revision = r.revision - 1
WHERE r.revision > 1 ORDER BY r.seen_at DESC;

CREATE VIEW site_health ( -- one row a site
  site, -- registrable domain
  articles, -- how many are stored
  refused, -- links whose answer was no article
  failed, -- links that could not be had: failed, gone or blocked
  last_article, -- ISO 8601 UTC, when the latest one was first seen
  mean_confidence, -- of the articles, 0 to 1
  mean_words -- of the articles
) AS
SELECT site, sum(articles), sum(refused), sum(failed), max(last_article), max(confidence),
  max(words)
FROM (
  SELECT site, count(*) AS articles, 0 AS refused, 0 AS failed, max(first_seen) AS last_article,
    avg(confidence) AS confidence, avg(words) AS words
  FROM articles GROUP BY site
  UNION ALL
  SELECT site, 0, sum(state = 'skipped'), sum(state <> 'skipped'), NULL, NULL, NULL
  FROM links WHERE state IN ('skipped', 'failed', 'gone', 'blocked') GROUP BY site
) GROUP BY site ORDER BY site;

CREATE VIEW feed_health ( -- one row a feed
  id, -- feeds.id
  title, -- as the feed says
  url, -- what is polled
  status, -- active, moved, gone, silent or paused
  failures, -- failed polls since the last good one
  last_error, -- why the last poll failed
  last_poll, -- ISO 8601 UTC of the last attempt
  articles, -- how many articles its links led to
  last_article -- ISO 8601 UTC, when the latest one was first seen
) AS
SELECT f.id, f.title, f.url, f.status, f.failures, f.last_error, f.last_poll,
  count(DISTINCT a.id), max(a.first_seen)
FROM feeds f
LEFT JOIN links l ON l.feed_id = f.id AND l.article_id IS NOT NULL
LEFT JOIN articles a ON a.id = l.article_id
GROUP BY f.id;
"""
