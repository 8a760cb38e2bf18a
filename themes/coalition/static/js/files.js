/* Sends files in pieces, shows how far they are, and goes on where the line broke. Without it the form sends them. */
(() => {
  "use strict";

  const form = document.querySelector("form[data-files]");
  if (!form || !window.fetch) return;
  const chosen = form.querySelector("input[type=file]");
  const state = form.querySelector("[data-files-state]");
  const said = state.querySelector("[role=status]");
  const bar = state.querySelector("progress");
  const token = form.elements.csrfmiddlewaretoken.value;
  // Between tries, in milliseconds; the last one again and again, for half an hour.
  const WAITS = [500, 1000, 2000, 4000, 8000];
  const TRIES = 240;
  let busy = false;

  const later = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  function tell(sentence, file, sent) {
    const percent = file.size ? Math.floor((100 * sent) / file.size) : 0;
    bar.value = percent;
    const text = sentence.replace("{percent}", `${percent} %`).replace("{name}", () => file.name);
    if (said.textContent !== text) said.textContent = text;
  }

  /* An answer, or null while the line is lost or the site is away. */
  async function ask(address, options) {
    try {
      const response = await fetch(address, { cache: "no-store", redirect: "manual", ...options });
      if (response.status >= 500) return null;
      const isJson = (response.headers.get("content-type") || "").includes("json");
      return { ok: response.ok, status: response.status, ...(isJson ? await response.json() : {}) };
    } catch {
      return null;
    }
  }

  async function asked(address, options, file, sent) {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const answer = await ask(address, options);
      if (answer) return answer;
      tell(form.dataset.saidWaiting, file, sent);
      await later(WAITS[Math.min(tries, WAITS.length - 1)]);
    }
    throw new Error(form.dataset.saidOver.replace("{name}", () => file.name));
  }

  async function send(file) {
    const begin = new FormData();
    begin.set("csrfmiddlewaretoken", token);
    begin.set("do", "begin");
    begin.set("name", file.name);
    begin.set("declared", file.type);
    begin.set("size", file.size);
    begin.set("mark", file.lastModified);
    const begun = await asked(location.pathname, { method: "POST", body: begin }, file, 0);
    if (!begun.address) throw new Error(begun.problem || form.dataset.saidOver.replace("{name}", () => file.name));
    let offset = begun.offset;
    while (offset < file.size) {
      tell(form.dataset.saidSending, file, offset);
      const answer = await asked(
        begun.address,
        {
          method: "POST",
          body: file.slice(offset, offset + begun.piece),
          headers: {
            "Content-Type": "application/octet-stream",
            "Upload-Offset": String(offset),
            "X-CSRFToken": token,
          },
        },
        file,
        offset,
      );
      // Where it says another place than ours, a piece had arrived although its answer had not.
      if (answer.problem) throw new Error(`${file.name}: ${answer.problem}`);
      if (typeof answer.offset !== "number") throw new Error(form.dataset.saidOver.replace("{name}", () => file.name));
      offset = answer.offset;
    }
    tell(form.dataset.saidSending, file, file.size);
  }

  form.addEventListener("submit", async (event) => {
    const pressed = event.submitter && event.submitter.value;
    if (!chosen.files.length) return;
    event.preventDefault();
    if (busy) return;
    busy = true;
    state.hidden = false;
    try {
      for (const file of [...chosen.files]) await send(file);
      chosen.value = "";
      // The page says what is here now; or the form goes on, with nothing chosen any more.
      if (pressed === "add" || !event.submitter) location.assign(location.href);
      else form.requestSubmit(event.submitter);
    } catch (error) {
      said.textContent = error.message;
      chosen.focus();
    } finally {
      busy = false;
    }
  });
})();
