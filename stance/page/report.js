"use strict";
// Filters of the comments. Without this script the page shows all of them.
{
  const tools = document.getElementById("tools");
  const comments = [...document.querySelectorAll(".c")];
  const said = new Map(); // text of each comment, gathered at the first search

  const textOf = (comment) => {
    if (!said.has(comment)) said.set(comment, comment.textContent.toLowerCase());
    return said.get(comment);
  };

  const show = () => {
    const kinds = [...tools.elements.kind].filter((box) => box.checked).map((box) => box.value);
    const least = tools.elements.least.value;
    const person = tools.elements.person.value;
    const words = tools.elements.words.value.trim().toLowerCase();
    let shown = 0;
    for (const comment of comments) {
      const { p, w, s } = comment.dataset;
      const fits =
        kinds.some((kind) => comment.classList.contains(kind)) &&
        (least === "sure" ? s === "1" : Number(p) >= Number(least)) &&
        (person === "" || w === person) &&
        (words === "" || textOf(comment).includes(words));
      if (comment.hidden === fits) comment.hidden = !fits;
      shown += fits;
    }
    tools.elements.shown.value = `${shown.toLocaleString("en")} of ${comments.length.toLocaleString("en")} comments`;
  };

  let waiting;
  tools.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 80);
  });
  tools.addEventListener("reset", () => setTimeout(show));
  tools.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", () => {
    const aim = document.getElementById(location.hash.slice(1));
    if (aim && aim.hidden) tools.reset();
  });
  tools.hidden = false;
  show();
}
