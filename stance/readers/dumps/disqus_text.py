"""Disqus comments copied from the browser as text: ``NAME • 5 years ago`` above, ``3 • Reply • Share ›`` below.

Newer copies have a line for each: "Avatar", the name, the name of who is answered, the time, the number of votes.
"""

from __future__ import annotations

import re

from stance.readers.dumps.furniture import in_a_row
from stance.readers.dumps.lines import mentions
from stance.readers.dumps.listed import Platform, read_listed
from stance.readers.source import Source
from stance.thread import Thread

_BUTTON = (
    r"(?:\d{1,5}|reply|share|edit|edited|view|see more|show more|−|–|-|⚑|\+|∧|∨|△|▽|▲|▼|⌃|⌄|↑|↓|\^|›|»|avatar"
    r"|flag"
    r"|thumbnail|this user is blocked\.?|see more|(?:\d{1,4} )?up(?:vote)?s?(?: \d+)?|(?:\d{1,4} )?downvotes?(?: \d+)?"
    r"|view in discussion|permalink"
    r"|(?:view|show|hide|load) (?:all |more |\d{1,5} (?:more |new )?)*(?:repl(?:y|ies)|comments?)(?: \(\d+\))?|share"
    r" on \w+|link|copy link)"
)
_DISQUS = Platform(
    marks=re.compile(
        r"(?:\d{1,5}[ •·|]*)?(?:\d{1,5}[ •·|]*)?(?:edit[ •·|]*)?reply[ •·|]*share[ •·|]*›?|share ›|join the"
        r" discussion(?:…|\.{3})?"
        r"|start the discussion(?:…|\.{3})?|comments powered by disqus\.?|blog comments powered by disqus\.?|add"
        r" disqus to your site.*"
        r"|disqus(?: comments)?|powered by disqus|⚑|recommend(?: this discussion)?(?: \d+)?|log in with|or sign up"
        r" with disqus|⤤ share",
        re.I,
    ),
    count=re.compile(
        r"(?P<n>\d[\d,]{0,8})[ \t]+comments?(?:[ \t]+[^\s•·].{0,60})?|(?P<zero>\d+)[ \t]+responses?", re.I
    ),
    buttons=re.compile(in_a_row(_BUTTON), re.I),
    badges=re.compile(
        r"avatar|mod(?:erator)?|featured by .{1,60}|pinned by .{1,60}|highlighted|•|·|−|–|-|⚑|\+|author|subscriber|→"
        r"|thumbnail|disqus",
        re.I,
    ),
    foot=re.compile(
        r"load more comments|subscribe|✉.{0,30}|ⓓ.{0,60}|d?add disqus to (?:your )?site.*|(?:blog )?comments powered"
        r" by disqus\.?"
        r"|powered by disqus|privacy(?: policy)?|do not sell my data|also on .{1,80}|comments (?:for this thread )?are"
        r" (?:now )?closed\.?",
        re.I,
    ),
    tidy=lambda name: re.sub(r"[ \t]+Mod(?:erator)?$", "", name),
)


_MENTIONS = re.compile(r"disqus|\bshare\b|(?:join|start) the discussion|⚑", re.I)


def read(source: Source) -> list[Thread] | None:
    """Read the dump; None where it does not show Disqus's buttons."""
    if not mentions(source, _MENTIONS):
        return None
    return read_listed(source, _DISQUS, fewest_marks=2)
