"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const rows = data.rows;
  const element = (id) => document.getElementById(id);
  const kinds = { stance: element("stances"), sentiment: element("sentiments") };
  const choices = { stance: data.stances, sentiment: data.sentiments };
  const keys = { stance: data.stanceKeys, sentiment: data.sentimentKeys };

  let state = { at: 0, stance: rows.map(() => null), sentiment: rows.map(() => null) };
  let done = []; // what undo takes back: [row, kind, what stood there before]
  let saved = true; // since the last change
  const kept = restore();

  function restore() {
    try {
      const found = JSON.parse(localStorage.getItem(data.key));
      if (found && found.stance.length === rows.length && found.sentiment.length === rows.length) state = found;
      return true;
    } catch {
      return false; // a frame in a notebook has no store
    }
  }

  function keep() {
    if (!kept) return;
    try {
      localStorage.setItem(data.key, JSON.stringify(state));
    } catch {
      note("The browser has no room to keep the labels. Save them before you close the page.");
    }
  }

  function note(text) {
    element("note").textContent = text;
  }

  function choose(kind, value) {
    done.push([state.at, kind, state[kind][state.at]]);
    state[kind][state.at] = value;
    saved = false;
    const complete = state.stance[state.at] !== null
      && (state.sentiment[state.at] !== null || !element("ask-tone").checked);
    if (complete) advance();
    show();
  }

  function advance() {
    const open = (i) => state.stance[i] === null;
    const after = rows.findIndex((_, i) => i > state.at && open(i));
    const any = after >= 0 ? after : rows.findIndex((_, i) => open(i));
    if (any >= 0) state.at = any;
  }

  function undo() {
    if (!done.length) return;
    const [at, kind, before] = done.pop();
    state[kind][at] = before;
    state.at = at;
    saved = false;
    show();
  }

  function move(step) {
    state.at = Math.min(rows.length - 1, Math.max(0, state.at + step));
    show();
  }

  function put(id, text, box = id) {
    element(id).textContent = text || "";
    element(box).hidden = !text;
  }

  function show() {
    const row = rows[state.at];
    const n = state.stance.filter((value) => value !== null).length;
    element("progress").max = rows.length;
    element("progress").value = n;
    element("status").textContent = n === rows.length ? `all ${n} labelled` : `${n} of ${rows.length} labelled`;
    element("place").textContent = `comment ${state.at + 1} of ${rows.length}`;
    put("title", row.title);
    put("post", row.post, "post-box");
    put("parent", row.parent_text, "parent-box");
    put("author", (row.author || "") + (row.is_post_author ? " (wrote the post)" : ""));
    element("text").textContent = row.text;
    element("sides").textContent = row.sides;
    for (const [kind, box] of Object.entries(kinds)) {
      [...box.children].forEach((button, i) => button.setAttribute("aria-pressed", String(state[kind][state.at] === i)));
    }
    element("back").disabled = state.at === 0;
    element("next").disabled = state.at === rows.length - 1;
    element("undo").disabled = !done.length;
    element("save").disabled = n === 0;
    keep();
  }

  function lines() {
    return rows
      .map((row, i) => ({
        ...row,
        stance: state.stance[i] === null ? null : data.stances[state.stance[i]],
        sentiment: state.sentiment[i] === null ? null : data.sentiments[state.sentiment[i]],
      }))
      .filter((row) => row.stance !== null)
      .map((row) => JSON.stringify(row) + "\n");
  }

  function save() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(lines(), { type: "application/x-ndjson" }));
    link.download = "labels.jsonl";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    saved = true;
    note("Saved as labels.jsonl where the browser puts its downloads.");
  }

  for (const [kind, box] of Object.entries(kinds)) {
    choices[kind].forEach((label, i) => {
      const button = document.createElement("button");
      const key = document.createElement("kbd");
      button.type = "button";
      key.textContent = keys[kind][i];
      button.append(key, " " + label);
      button.addEventListener("click", () => choose(kind, i));
      box.append(button);
    });
  }
  element("back").addEventListener("click", () => move(-1));
  element("next").addEventListener("click", () => move(1));
  element("undo").addEventListener("click", undo);
  element("save").addEventListener("click", save);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    for (const kind of Object.keys(kinds)) {
      const i = keys[kind].indexOf(key);
      if (key.length === 1 && i >= 0) choose(kind, i);
    }
    if (key === "u") undo();
    if (key === "arrowleft") move(-1);
    if (key === "arrowright") move(1);
  });
  window.addEventListener("beforeunload", (event) => {
    if (!kept && !saved) event.preventDefault();
  });
  if (!kept) note("Labels are not kept here when the page is closed. Save them first.");
  show();
})();
