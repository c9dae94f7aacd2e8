"""A headless Chromium asked over its DevTools pipe: what a page does, costs and looks like, the page left as it is.

Asking from outside needs no script in the page, so that what is measured is the page with its policy in force.
Source: https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

#: Names under which a Chromium is installed.
NAMES = ("chromium", "chromium-browser", "google-chrome")
#: Headless, and silent towards the network.
WORDS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
_READ, _WRITTEN = 3, 4  # the descriptors that Chromium reads its commands from and writes its answers to


def find_browser() -> str | None:
    """Where a Chromium lies; None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One browser with one page at a time, for the length of a ``with``.

    :param program: The Chromium.
    :param profile: A folder of its own.
    :param width: Of the window, in CSS pixels.
    :param height: The same.
    """

    def __init__(self, program: str, profile: Path, width: int = 1280, height: int = 900) -> None:
        commands, to_browser = _high_pipe()
        from_browser, answers = _high_pipe()
        words = [
            *(program, *WORDS, "--remote-debugging-pipe", f"--user-data-dir={profile}"),
            *(f"--window-size={width},{height}", "about:blank"),
        ]
        silence = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_WRONLY, 0) for fd in (1, 2)]
        joined = [(os.POSIX_SPAWN_DUP2, commands, _READ), (os.POSIX_SPAWN_DUP2, answers, _WRITTEN)]
        self._pid = os.posix_spawn(program, words, os.environ, file_actions=[*silence, *joined])
        os.close(commands)
        os.close(answers)
        self._commands, self._answers = to_browser, from_browser
        self._come = b""
        self._asked = 0
        self._page = self._session = ""
        self.renew()

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        try:
            self._session = ""
            self.ask("Browser.close")
        except (RuntimeError, OSError):  # it is gone already, or does not hear
            os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._commands)
        os.close(self._answers)

    def renew(self) -> None:
        """Leave the page for a new and empty one."""
        left, self._session = self._page, ""
        self._page = self.ask("Target.createTarget", url="about:blank")["targetId"]
        if left:
            self.ask("Target.closeTarget", targetId=left)
        self._session = self.ask("Target.attachToTarget", targetId=self._page, flatten=True)["sessionId"]
        self.ask("Performance.enable", timeDomain="threadTicks")

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The answer to one command of the protocol.

        :raises RuntimeError: If it refuses, or is gone.
        """
        self._asked += 1
        command: dict[str, Any] = {"id": self._asked, "method": method, "params": parameters}
        if self._session:
            command["sessionId"] = self._session
        _write_all(self._commands, json.dumps(command).encode("utf-8") + b"\0")
        while True:
            answer = json.loads(self._message(method))
            if answer.get("id") == self._asked:
                if "error" in answer:
                    raise RuntimeError(f"The browser refuses {method}: {answer['error']['message']}.")
                result: dict[str, Any] = answer["result"]
                return result

    def open(self, page: Path) -> None:
        """Ask for a page; comes back as soon as it begins to arrive."""
        self.ask("Page.navigate", url=page.as_uri())

    def run(self, script: str) -> Any:
        """What an expression of JavaScript gives in the page; of a promise, what it promises.

        :raises RuntimeError: If it throws.
        """
        answer = self.ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            told = answer["exceptionDetails"]
            raise RuntimeError(f"In the page: {told.get('exception', {}).get('description', told['text'])}")
        return answer["result"].get("value")

    def shown_as(self, medium: str = "", **features: str) -> None:
        """Show the page as on this medium (``"print"``) and with these features (``color_scheme="dark"``)."""
        asked = [{"name": f"prefers-{name.replace('_', '-')}", "value": value} for name, value in features.items()]
        self.ask("Emulation.setEmulatedMedia", media=medium, features=asked)

    def processor_seconds(self) -> float:
        """What the page's process has computed so far, its threads together."""
        return self.metrics()["ProcessTime"]

    def metrics(self) -> Mapping[str, float]:
        """What the browser counts of the page: nodes, processor seconds of layout, style and script."""
        return {one["name"]: one["value"] for one in self.ask("Performance.getMetrics")["metrics"]}

    def _message(self, method: str) -> bytes:
        """What comes next: an answer or an event; each ends in a zero."""
        while b"\0" not in self._come:
            more = os.read(self._answers, 1 << 16)
            if not more:
                raise RuntimeError(f"The browser ended before it answered {method}.")
            self._come += more
        message, _, self._come = self._come.partition(b"\0")
        return message


def _high_pipe() -> tuple[int, int]:
    """A pipe whose ends lie above those that the browser expects, so that none is laid over another."""
    ends = os.pipe()
    high = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 16) for end in ends)
    for end in ends:
        os.close(end)
    return high[0], high[1]


def _write_all(to: int, data: bytes) -> None:
    while data:
        data = data[os.write(to, data) :]
