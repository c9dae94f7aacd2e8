"""A thread whose every word wants out of the page."""

from __future__ import annotations

import datetime as dt

import stance
from stance.thread import ReadingReport

#: What an attack does when it runs; ``SERVER`` stands for an address that tells when it is asked.
RUN = "document.documentElement.dataset.owned=1;fetch('SERVER/fetch')"
ATTACKS = (
    f"<script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"</style><script>{RUN}</script><style>@import url(SERVER/import);*{{background:url(SERVER/css)}}",
    f'<img src="SERVER/img" onerror="{RUN}">',
    f"<svg onload={RUN}><image href=SERVER/svg /></svg>",
    f'"><script>{RUN}</script><a b="\'><script>{RUN}</script>',
    f"' onmouseover='{RUN}' autofocus onfocus='{RUN}' x='",
    f"javascript:{RUN}",
    f'<a href="javascript:{RUN}" ping="SERVER/ping">click</a>',
    '<meta http-equiv="refresh" content="0;url=SERVER/refresh"><base href="SERVER/base/">',
    "<link rel=stylesheet href=SERVER/link><link rel=prefetch href=SERVER/prefetch>",
    f'<iframe srcdoc="<script>parent.{RUN}</script>" src="SERVER/frame"></iframe><object data="SERVER/object">',
    '<form action="SERVER/form"><button autofocus>',
    "{{ 7 * 7 }}{% for x in range(9) %}{{ config }}{% endfor %}${7*7}",
    f"<scr\x00ipt>{RUN}</scr\x00ipt>\x00<script>{RUN}</script>",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    f"＜script＞{RUN}＜/script＞<\u2028script>{RUN}</script>",
    f"<!--><script>{RUN}</script>--><![CDATA[<script>{RUN}</script>]]>",
    "\u202egnp.exe\u2066 \u200f left \x1b[31mred\x07 \ud800 \ufffe \ufeff",
    f"</title></textarea></noscript></template></select></option><script>{RUN}</script>",
    "&lt;script&gt;&#x3c;img src=SERVER/entity&#x3e;",
    "Z" + "\u0351" * 400 + " " + "w" * 3000,
    "../../etc/passwd?x=1&y=2#c1",
)


def attacks(server: str = "http://127.0.0.1:9") -> list[str]:
    return [attack.replace("SERVER", server) for attack in ATTACKS]


def hostile_threads(server: str = "http://127.0.0.1:9") -> list[stance.Thread]:
    """Each attack in each place where a page's words come through, in two threads."""
    texts = attacks(server)
    threads = []
    for name in ("one", "two"):
        ids = [f"{text}{name}" for text in texts]
        comments = tuple(
            stance.Comment(
                id=ids[i],
                text=f"{text} Pay the crews, never mind the union. {text}",
                author=text,
                time=dt.datetime(2013, 3, 14, 9, i) if name == "one" else None,
                parent_id=ids[i - 1] if i % 3 else None,
                is_post_author=i == 1,
                quoted=text if i % 2 else "",
            )
            for i, text in enumerate(texts)
        )
        threads.append(
            stance.Thread(
                id=" ".join([*texts, name]),
                title=" ".join(texts),
                post="\n".join(texts),
                comments=comments,
                source=" ".join(texts),
                post_author=texts[0],
                url=f"javascript:{texts[0]}",
                report=ReadingReport(
                    reader=texts[0],
                    sureness="doubtful",
                    dropped=dict.fromkeys(texts, 2),
                    repaired=tuple(texts),
                    remarks=tuple(texts),
                    doubtful=tuple(texts),
                ),
            )
        )
    return threads


def hostile_sides(server: str = "http://127.0.0.1:9") -> stance.Sides:
    texts = attacks(server)
    return stance.Sides(
        stance.Side(texts[5], " ".join(texts), aliases=tuple(texts)), stance.Side(texts[3] + texts[18], texts[0])
    )
