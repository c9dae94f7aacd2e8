"""What is kept back of what is shown: authors' names, names within texts, the texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from stance.evidence import Evidence
from stance.masking import Analyzer, Masking
from stance.pseudonyms import pseudonymize
from stance.stances import Stances
from stance.thread import Thread

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Hiding:
    """What is to be hidden.

    :param key: Of the pseudonyms; None for the names themselves.
    :param names: Whether names and contacts within texts are masked.
    :param analyzer: What finds other people's names in texts; None where they are not looked for.
    :param texts: Whether texts are left out.
    """

    key: bytes | None = None
    names: bool = False
    analyzer: Analyzer | None = None
    texts: bool = False

    @property
    def says(self) -> str:
        """What is said of it on stderr; empty where nothing needs to be said."""
        if not self.key:
            return ""
        if not self.names:
            return "authors are shown by pseudonyms; names within texts, titles and addresses are as they were"
        others = "" if self.analyzer else "; names of people who wrote nothing are not looked for"
        return f"authors are shown by pseudonyms, within texts too; e-mail addresses and the like are masked{others}"

    def view(self, threads: Sequence[Thread]) -> View:
        """The threads as they are to be shown."""
        if self.key and self.names:
            masking = Masking(threads, self.key, self.analyzer)
            return View(self, masking.threads, masking)
        return View(self, pseudonymize(threads, self.key) if self.key else list(threads), None)


@dataclass(frozen=True)
class View:
    """Threads, and what was said of them, as they are to be shown."""

    hiding: Hiding
    full: list[Thread]
    masking: Masking | None

    @property
    def threads(self) -> list[Thread]:
        """The threads, in order."""
        if not self.hiding.texts:
            return self.full
        return [
            replace(thread, post="", comments=tuple(replace(c, text="", quoted="") for c in thread.comments))
            for thread in self.full
        ]

    def stances(self, stances: Stances) -> Stances:
        """The stances of the comments that are shown."""
        if self.masking:
            stances = self.masking.stances(stances)
        elif self.hiding.key:
            stances = replace(stances, comments=tuple(c for thread in self.full for c in thread.comments))
        return stances.without_texts() if self.hiding.texts else stances

    def evidence(self, evidence: list[Evidence]) -> list[Evidence]:
        """The evidence, in the words that are shown."""
        return self.masking.evidence(evidence) if self.masking else evidence

    def by_thread(self, values: Mapping[str, _Value]) -> dict[str, _Value]:
        """What is known by thread id, by the ids that are shown."""
        return self.masking.by_thread(values) if self.masking else dict(values)
