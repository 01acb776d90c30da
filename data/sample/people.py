"""The invented authors, and what stands beside their names."""

from typing import Any

from sample.draw import Draw
from sample.record import Person, Record

__all__ = ["Cast", "orcid"]

_TEAMS = {"rct": (4, 8), "secondary": (3, 6), "protocol": (4, 7), "animal": (3, 7), "vitro": (3, 5),
          "biomarker": (4, 7), "case": (2, 4), "series": (3, 5), "editorial": (1, 2),
          "letter": (1, 3), "comment": (1, 3), "narrative": (1, 4), "guideline": (6, 10),
          "near": (3, 5), "book": (1, 2)}  # fmt: skip
_AGENCIES = (
    "Sample Foundation for Mental Health",
    "Invented Research Council",
    "Lantern Bay Trust (invented)",
)
_UNSIGNED = {"retracted", "concern", "erratum", "summary"}


def orcid(number: int) -> str:
    """An ORCID iD with a true check digit, beyond the ranges from which ORCID assigns.

    ORCID assigns 0000-0001-5000-0007 to 0000-0003-5000-0001 and 0009-0000-... to 0009-0010-...
    """
    digits = f"00090099{number:07}"
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    digits += "X" if check == 10 else str(check)
    return "-".join(digits[place : place + 4] for place in range(0, 16, 4))


class Cast:
    """Names of the invented: the same people sign several records."""

    def __init__(self, words: dict[str, Any]) -> None:
        self._words = words

    def sign(self, record: Record, place: str, *, group: bool = False) -> None:
        """Give a record its authors, and with them funding and interests."""
        draw = Draw(f"{record.key}/people")
        if record.kind in _UNSIGNED:
            return
        if not record.authors:
            low, high = _TEAMS.get(record.kind, (3, 6))
            record.authors = self._team(draw, record, place, draw.whole(low, high))
        if record.kind == "guideline":
            record.collective = "Sample Task Force on Mood Disorders"
        if group:
            record.investigators = [
                Person(who.last, who.fore) for who in self._team(draw, record, place, 6)
            ]
        country = self._words["places"].get(place, ["Canada"])[0]
        if record.year >= 2006 and record.sections and draw.chance(0.3):
            grants = draw.some(_AGENCIES, draw.whole(1, 2))
            record.grants = [(f"SMP-{draw.whole(1000, 9999)}", name, country) for name in grants]
            if "Research Support, Non-U.S. Gov't" not in record.types:
                record.types.append("Research Support, Non-U.S. Gov't")
        if record.year >= 2016 and draw.chance(0.45):
            record.coi = self._interests(draw, record)
        if record.year >= 2010 and not record.keywords and record.sections and draw.chance(0.5):
            record.keywords = self._keywords(record)

    def _team(self, draw: Draw, record: Record, place: str, size: int) -> list[Person]:
        groups = self._words["people"]
        _, home, addresses = self._words["places"].get(place, self._words["places"]["us"])
        team: list[Person] = []
        seen: set[tuple[str, str]] = set()
        while len(team) < size:
            name = home if draw.chance(0.8) else draw.pick(list(groups))
            last = draw.pick(groups[name]["last"])
            fores = groups[name]["fore"]
            fore = fores[(groups[name]["last"].index(last) * 3 + draw.whole(0, 2)) % len(fores)]
            if (last, fore) in seen:
                continue
            seen.add((last, fore))
            team.append(self._person(draw, record, last, fore, addresses, first=not team))
        return team

    def _person(
        self, draw: Draw, record: Record, last: str, fore: str, addresses: list[str], *, first: bool
    ) -> Person:
        if record.year < 2002:
            fore = " ".join(part[0] for part in fore.replace("-", " ").split())
        places: list[str] = []
        if record.book == "" and (record.year >= 2014 or first):
            wide = [address for _, _, home in self._words["places"].values() for address in home]
            places = [addresses[0] if draw.chance(0.75) else draw.pick(addresses)]
            if record.year >= 2014 and draw.chance(0.06):
                places += [other for other in draw.some(wide, 1) if other not in places]
        number = sum(ord(letter) * (at + 1) for at, letter in enumerate(last + fore))
        return Person(
            last,
            fore,
            suffix=draw.pick(["Jr", "3rd", "Sr"]) if draw.chance(0.015) else "",
            orcid=orcid(number) if record.year >= 2016 and number % 7 == 0 else "",
            affiliations=tuple(places),
            equal=record.year >= 2018 and len(record.title) % 9 == 0 and first,
        )

    def _interests(self, draw: Draw, record: Record) -> str:
        who = record.authors[0].initials
        return draw.say(
            [
                f"{who} has received [speaker fees|research support] from Exempla Pharma, an "
                "invented company. The other authors declare no competing interests.",
                "The authors declare [no conflicts of interest|no competing interests].",
                f"{who} [holds shares in|is an employee of] Exempla Pharma, an invented company "
                "that makes the study drug.",
            ],
            {},
        )

    def _keywords(self, record: Record) -> list[str]:
        names = {"trd": "treatment-resistant depression", "mdd": "major depressive disorder",
                 "bipolar": "bipolar depression", "suicidality": "suicidal ideation",
                 "older": "late-life depression", "animal": "depression-like behavior",
                 "ptsd": "PTSD", "postpartum": "postpartum depression"}  # fmt: skip
        found = [names[tag] for tag in sorted(record.tags) if tag in names]
        drugs = [tag for tag in ("ketamine", "esketamine", "arketamine") if tag in record.tags]
        kinds = {"meta": "meta-analysis", "rct": "randomized controlled trial",
                 "case": "case report", "narrative": "review"}  # fmt: skip
        return [*drugs, *found, *([kinds[record.kind]] if record.kind in kinds else [])]
