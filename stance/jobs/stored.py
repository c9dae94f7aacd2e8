"""What of comments is stored: all, or pseudonyms and masked names, or no texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from stance.masking import Analyzer, mask_texts
from stance.pseudonyms import pseudonymize
from stance.stances import Stances
from stance.thread import Thread


@dataclass(frozen=True)
class Stored:
    """What is written of comments.

    :param is_private: Whether what stood in a row without a comment is withheld.
    :param key: Of the pseudonyms; None for the names themselves.
    """

    rows_a_part: int
    with_texts: bool
    is_private: bool
    key: bytes | None
    mask_names: bool
    analyzer: Analyzer | None

    def shown(self, threads: Sequence[Thread], stances: Stances) -> Stances:
        """Stances of threads as they are stored. Two threads may be pieces of one, and are masked each by itself."""
        if self.key is None:
            return stances
        masked = [
            mask_texts([thread], self.key, self.analyzer)[0] if self.mask_names else pseudonymize([thread], self.key)[0]
            for thread in threads
        ]
        return replace(
            stances,
            thread_ids=tuple(thread.id for thread in masked for _ in thread.comments),
            comments=tuple(comment for thread in masked for comment in thread.comments),
        )
