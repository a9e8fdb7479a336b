"""rules/*.toml -> rules/*.json beside them: `make rules`."""

from __future__ import annotations

from pathlib import Path

from scraper.clean import rulebook

FOLDER = Path(rulebook.__file__).parent / "rules"


def stale() -> dict[Path, str]:
    """The JSON files that are not those of the TOML, with what they must hold."""
    wanted = {FOLDER / f"{name}.json": text for name, text in rulebook.compiled().items()}
    return {
        path: wanted.get(path, "")
        for path in {*wanted, *FOLDER.glob("*.json")}
        if not path.exists() or path.read_text("utf-8") != wanted.get(path)
    }


def renew() -> None:
    """Writes the files that are stale; deletes those of languages that are gone."""
    for path, text in stale().items():
        if text:
            path.write_text(text, "utf-8", newline="\n")
        else:
            path.unlink()
        print(path.name)


if __name__ == "__main__":
    renew()
