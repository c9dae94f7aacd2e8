"""How a thread, its stances and their summary show themselves in a notebook: small pieces of HTML, without a script.

Comments are hostile text: all of it passes through Jinja's escaping. The templates only look into what they are given.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from stance.templates import environment

if TYPE_CHECKING:
    from jinja2 import Template

#: Most comments that a view shows.
MOST_SHOWN = 12


def view_of_thread(thread: object) -> str:
    """A :class:`stance.Thread`: its title, how it was read, and its first comments."""
    return _template().render(kind="thread", thread=thread, most=MOST_SHOWN)


def view_of_stances(stances: object) -> str:
    """A :class:`stance.Stances`: how many of each, and the first of them with their probabilities."""
    return _template().render(kind="stances", stances=stances, most=MOST_SHOWN)


def view_of_summary(summary: object) -> str:
    """A :class:`stance.Summary`: its sentence, and the shares by comments and by people with their intervals."""
    return _template().render(kind="summary", summary=summary, most=MOST_SHOWN)


@cache
def _template() -> Template:
    return environment().get_template("view.html.j2")
