"""The tables, triggers and the view of copies: frozen SQL. A later change is its own migration."""

from __future__ import annotations

# Where the keys of a sketch begin, for substr.
PLACES = "json_each('[1,5,9,13,17,21,25,29,33,37,41,45,49,53,57,61,65,69,73,77,81,85,89,93]')"

# What is left of a cluster that an article has left: its number is still its smallest article's,
# and one article alone is no cluster.
LEFT = """
  UPDATE articles SET cluster_id = (
    SELECT CASE WHEN count(*) > 1 THEN min(id) END FROM articles
    WHERE cluster_id = old.cluster_id)
  WHERE cluster_id = old.cluster_id AND (old.id = old.cluster_id OR 1 = (
    SELECT count(*) FROM (SELECT 1 FROM articles WHERE cluster_id = old.cluster_id LIMIT 2)));
"""

SYNDICATION = f"""
ALTER TABLE articles ADD COLUMN cluster_id /* the smallest id among the articles that tell the same
  story in nearly the same words; NULL: no other is known */ INTEGER;
CREATE INDEX articles_by_cluster ON articles (cluster_id, coalesce(published, first_seen))
  WHERE cluster_id IS NOT NULL;
CREATE INDEX articles_by_cluster_site ON articles (cluster_id, site) WHERE cluster_id IS NOT NULL;

CREATE TABLE fingerprints ( -- what articles are compared by; see scraper.fingerprint
  article_id INTEGER PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE, -- whose
  keys BLOB -- up to 24 keys of 4 bytes; empty: too short a text; NULL: not compared yet
) STRICT;
CREATE INDEX fingerprints_due ON fingerprints (article_id) WHERE keys IS NULL;
INSERT INTO fingerprints SELECT id, NULL FROM articles;

CREATE TABLE bands ( -- fingerprints the other way round; triggers keep it
  key BLOB NOT NULL, -- one of fingerprints.keys
  article_id INTEGER NOT NULL, -- who has it
  PRIMARY KEY (key, article_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE spread ( -- the clusters with articles on two sites or more; triggers keep it
  cluster_id INTEGER PRIMARY KEY -- articles.cluster_id
) STRICT;

CREATE TRIGGER fingerprints_made AFTER INSERT ON fingerprints BEGIN
  INSERT OR IGNORE INTO bands SELECT substr(new.keys, value, 4), new.article_id
  FROM {PLACES} WHERE value < length(new.keys);
END;
CREATE TRIGGER fingerprints_gone AFTER DELETE ON fingerprints BEGIN
  DELETE FROM bands WHERE article_id = old.article_id
    AND key IN (SELECT substr(old.keys, value, 4) FROM {PLACES} WHERE value < length(old.keys));
END;
CREATE TRIGGER articles_forgotten AFTER DELETE ON articles BEGIN
  DELETE FROM fingerprints WHERE article_id = old.id;
END;

CREATE TRIGGER articles_left AFTER UPDATE OF cluster_id ON articles
WHEN old.cluster_id IS NOT NULL AND new.cluster_id IS NULL BEGIN
{LEFT}
END;
CREATE TRIGGER articles_lost AFTER DELETE ON articles WHEN old.cluster_id IS NOT NULL BEGIN
{LEFT}
  DELETE FROM spread WHERE cluster_id = old.cluster_id
    AND (SELECT min(site) FROM articles WHERE cluster_id = old.cluster_id)
      IS (SELECT max(site) FROM articles WHERE cluster_id = old.cluster_id);
END;
CREATE TRIGGER articles_spread AFTER UPDATE OF cluster_id, site ON articles
WHEN old.cluster_id IS NOT new.cluster_id OR (new.cluster_id IS NOT NULL AND old.site <> new.site)
BEGIN
  DELETE FROM spread WHERE cluster_id IN (old.cluster_id, new.cluster_id);
  INSERT OR IGNORE INTO spread
  SELECT c FROM (SELECT old.cluster_id AS c UNION SELECT new.cluster_id)
  WHERE (SELECT min(site) FROM articles WHERE cluster_id = c)
    < (SELECT max(site) FROM articles WHERE cluster_id = c);
END;

CREATE VIEW syndicated ( -- the same story on several sites, the latest stories first
  cluster_id, -- the story: the smallest of its article_id
  article_id, -- articles.id
  site, -- registrable domain
  headline, -- without markup
  published, -- ISO 8601 UTC as the page says, else when we first saw it
  first, -- 1: no article of the story is earlier
  words, -- of the text
  language, -- BCP 47
  url -- where it was read
) AS
SELECT a.cluster_id, a.id, a.site, a.headline, coalesce(a.published, a.first_seen),
  a.id = (SELECT b.id FROM articles b WHERE b.cluster_id = s.cluster_id
    ORDER BY coalesce(b.published, b.first_seen), b.id LIMIT 1),
  a.words, a.language, a.url
FROM spread s CROSS JOIN articles a ON a.cluster_id = s.cluster_id
ORDER BY s.cluster_id DESC, coalesce(a.published, a.first_seen), a.id;
"""  # noqa: S608 - frozen SQL, no value of anyone's
