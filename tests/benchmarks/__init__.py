"""Labelled pages -> the cleaner's figures, held out by site, beside its peers' figures."""
