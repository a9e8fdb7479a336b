"""The migration that makes a million articles quick to count and to filter: frozen SQL."""

from __future__ import annotations

# A row of `articles` is some 8 kB long, and most columns stand behind its text, on other pages of
# the file: what a search filters, sorts by and shows of them is read from articles_facts alone, and
# which articles are stale from articles_by_cleaner (reading the rows of 66,000 took 47 s).
FACTS = """
CREATE INDEX articles_facts
  ON articles (id, site, language, published, published_offset, first_seen, authors);
CREATE INDEX articles_by_cleaner ON articles (cleaner_version, id, link_id);
CREATE INDEX articles_seen ON articles (site, first_seen);
ALTER TABLE articles ADD COLUMN mended /* JSON list of what of the article held something that
  SQLite cannot keep (NUL, half a surrogate pair, a number or date out of range): it was replaced */
  TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(mended));
"""

SITES = """
CREATE TABLE site_counts ( -- what the view site_health adds up, kept by triggers
  site TEXT PRIMARY KEY NOT NULL, -- registrable domain
  articles INTEGER NOT NULL DEFAULT 0, -- how many are stored
  confidence REAL NOT NULL DEFAULT 0.0, -- the sum of theirs
  words INTEGER NOT NULL DEFAULT 0, -- the sum of theirs
  refused INTEGER NOT NULL DEFAULT 0, -- links whose answer was no article
  failed INTEGER NOT NULL DEFAULT 0 -- links that could not be had: failed, gone or blocked
) STRICT, WITHOUT ROWID;
INSERT INTO site_counts (site, articles, confidence, words, refused, failed)
SELECT site, sum(articles), sum(confidence), sum(words), sum(refused), sum(failed) FROM (
  SELECT site, count(*) AS articles, sum(confidence) AS confidence, sum(words) AS words,
    0 AS refused, 0 AS failed
  FROM articles GROUP BY site
  UNION ALL
  SELECT site, 0, 0.0, 0, sum(state = 'skipped'), sum(state <> 'skipped')
  FROM links WHERE state IN ('skipped', 'failed', 'gone', 'blocked') GROUP BY site
) GROUP BY site;
CREATE TRIGGER articles_count AFTER INSERT ON articles BEGIN
  INSERT INTO site_counts (site, articles, confidence, words)
  VALUES (new.site, 1, new.confidence, new.words)
  ON CONFLICT (site) DO UPDATE SET articles = articles + 1,
    confidence = confidence + excluded.confidence, words = words + excluded.words;
END;
CREATE TRIGGER articles_uncount AFTER DELETE ON articles BEGIN
  UPDATE site_counts SET articles = articles - 1, confidence = confidence - old.confidence,
    words = words - old.words WHERE site = old.site;
END;
CREATE TRIGGER articles_recount AFTER UPDATE OF site, confidence, words ON articles
WHEN new.site <> old.site OR new.confidence <> old.confidence OR new.words <> old.words BEGIN
  UPDATE site_counts SET articles = articles - 1, confidence = confidence - old.confidence,
    words = words - old.words WHERE site = old.site;
  INSERT INTO site_counts (site, articles, confidence, words)
  VALUES (new.site, 1, new.confidence, new.words)
  ON CONFLICT (site) DO UPDATE SET articles = articles + 1,
    confidence = confidence + excluded.confidence, words = words + excluded.words;
END;
CREATE TRIGGER links_count AFTER INSERT ON links
WHEN new.state IN ('skipped', 'failed', 'gone', 'blocked') BEGIN
  INSERT INTO site_counts (site, refused, failed)
  VALUES (new.site, new.state = 'skipped', new.state <> 'skipped')
  ON CONFLICT (site) DO UPDATE SET refused = refused + excluded.refused,
    failed = failed + excluded.failed;
END;
CREATE TRIGGER links_uncount AFTER DELETE ON links
WHEN old.state IN ('skipped', 'failed', 'gone', 'blocked') BEGIN
  UPDATE site_counts SET refused = refused - (old.state = 'skipped'),
    failed = failed - (old.state <> 'skipped') WHERE site = old.site;
END;
CREATE TRIGGER links_recount AFTER UPDATE OF site, state ON links
WHEN new.site <> old.site OR new.state <> old.state BEGIN
  UPDATE site_counts SET refused = refused - (old.state = 'skipped'),
    failed = failed - (old.state IN ('failed', 'gone', 'blocked')) WHERE site = old.site;
  INSERT INTO site_counts (site, refused, failed)
  VALUES (new.site, new.state = 'skipped', new.state IN ('failed', 'gone', 'blocked'))
  ON CONFLICT (site) DO UPDATE SET refused = refused + excluded.refused,
    failed = failed + excluded.failed;
END;
"""

# Links that led to one article count once for a feed that named them all.
FEEDS = """
ALTER TABLE feeds ADD COLUMN articles /* how many its links led to, kept by triggers */
  INTEGER NOT NULL DEFAULT 0;
UPDATE feeds SET articles =
  (SELECT count(DISTINCT article_id) FROM links WHERE feed_id = feeds.id);
CREATE TRIGGER links_lead AFTER INSERT ON links
WHEN new.feed_id IS NOT NULL AND new.article_id IS NOT NULL BEGIN
  UPDATE feeds SET articles = articles + 1 WHERE id = new.feed_id AND NOT EXISTS (
    SELECT 1 FROM links
    WHERE feed_id = new.feed_id AND article_id = new.article_id AND id <> new.id);
END;
CREATE TRIGGER links_unlead AFTER DELETE ON links
WHEN old.feed_id IS NOT NULL AND old.article_id IS NOT NULL BEGIN
  UPDATE feeds SET articles = articles - 1 WHERE id = old.feed_id AND NOT EXISTS (
    SELECT 1 FROM links WHERE feed_id = old.feed_id AND article_id = old.article_id);
END;
CREATE TRIGGER links_relead AFTER UPDATE OF feed_id, article_id ON links
WHEN new.feed_id IS NOT old.feed_id OR new.article_id IS NOT old.article_id BEGIN
  UPDATE feeds SET articles = articles - 1
  WHERE id = old.feed_id AND old.article_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM links WHERE feed_id = old.feed_id AND article_id = old.article_id);
  UPDATE feeds SET articles = articles + 1
  WHERE id = new.feed_id AND new.article_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM links
    WHERE feed_id = new.feed_id AND article_id = new.article_id AND id <> new.id);
END;
"""

# Articles are numbered as they come, but a clock may be set back: the latest of a feed is among its
# last 50. Looked for among all, it took 100 ms for a feed with 100,000.
VIEWS = """
DROP VIEW article_text;
CREATE VIEW article_text ( -- what a reader reads, the newest articles first
  id, -- articles.id
  url, -- where it was read
  site, -- registrable domain
  headline, -- without markup
  text, -- the headline, a blank line, the body
  published -- ISO 8601 UTC; NULL when the page does not say
) AS
SELECT id, url, site, headline, headline || char(10, 10) || body, published
FROM articles ORDER BY coalesce(published, first_seen) DESC;

DROP VIEW site_health;
CREATE VIEW site_health ( -- one row a site
  site, -- registrable domain
  articles, -- how many are stored
  refused, -- links whose answer was no article
  failed, -- links that could not be had: failed, gone or blocked
  last_article, -- ISO 8601 UTC, when the latest one was first seen
  mean_confidence, -- of the articles, 0 to 1
  mean_words -- of the articles
) AS
SELECT site, articles, refused, failed,
  (SELECT max(first_seen) FROM articles a WHERE a.site = s.site),
  CASE WHEN articles THEN confidence / articles END,
  CASE WHEN articles THEN 1.0 * words / articles END
FROM site_counts s WHERE articles OR refused OR failed ORDER BY site;

DROP VIEW feed_health;
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
SELECT id, title, url, status, failures, last_error, last_poll, articles,
  (SELECT max(first_seen) FROM articles INDEXED BY articles_facts WHERE id IN (
    SELECT article_id FROM links WHERE feed_id = feeds.id ORDER BY article_id DESC LIMIT 50))
FROM feeds ORDER BY id;
"""

COUNTS = FACTS + SITES + FEEDS + VIEWS
