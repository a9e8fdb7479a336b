"""News scraper and boilerplate stripper."""
