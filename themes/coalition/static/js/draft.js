/* Keeps what is being written, and keeps bold, lists and links of what is pasted. Everything works without it. */
(() => {
  "use strict";

  // --- a draft, saved every few seconds while it changes ------------------------------------------------------------

  const EVERY = 4000;

  function keep(form) {
    const said = form.querySelector("[data-draft-state]");
    const version = form.elements.version;
    let written = look();
    let busy = false;
    let stopped = false;

    function look() {
      const data = new FormData(form);
      data.delete("photo");
      data.delete("csrfmiddlewaretoken");
      data.delete("version");
      return new URLSearchParams(data).toString();
    }

    async function save() {
      const now = look();
      if (busy || stopped || now === written) return;
      busy = true;
      const data = new FormData(form);
      data.delete("photo");
      data.set("do", "auto");
      try {
        const response = await fetch(form.dataset.draft, { method: "POST", body: data, redirect: "manual" });
        const isJson = (response.headers.get("content-type") || "").includes("json");
        const answer = isJson ? await response.json() : {};
        if (answer.version) {
          version.value = answer.version;
          written = now;
        }
        if (answer.conflict) stopped = true;
        if (said) said.textContent = answer.said || answer.conflict || answer.error || "";
      } catch {
        // Away from the network: the next change tries again.
      } finally {
        busy = false;
      }
    }

    const timer = setInterval(save, EVERY);
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") save();
    });
    form.addEventListener("submit", () => {
      stopped = true;
      clearInterval(timer);
    });
  }

  // --- pasted HTML as the marks that the field takes ----------------------------------------------------------------

  const LISTS = { UL: "- ", OL: "1. " };
  const GONE = new Set(["SCRIPT", "STYLE", "HEAD", "TITLE", "TEMPLATE", "NOSCRIPT", "IFRAME", "OBJECT", "SVG", "IMG"]);
  const BLOCKS = new Set(["P", "DIV", "SECTION", "ARTICLE", "BLOCKQUOTE", "TR", "TABLE", "UL", "OL", "H1", "H2", "H3", "H4", "H5", "H6"]);

  function wrapped(text, stars) {
    const bare = text.trim();
    if (!bare || bare.includes("\n")) return text;
    const [before, after] = [text.slice(0, text.indexOf(bare)), text.slice(text.indexOf(bare) + bare.length)];
    return `${before}${stars}${bare}${stars}${after}`;
  }

  function marks(node, list) {
    if (node.nodeType === Node.TEXT_NODE) return node.data.replace(/\s+/g, " ").replace(/[\\*[\]]/g, "\\$&");
    if (node.nodeType !== Node.ELEMENT_NODE || GONE.has(node.tagName)) return "";
    const inner = [...node.childNodes].map((child) => marks(child, LISTS[node.tagName] || list)).join("");
    switch (node.tagName) {
      case "BR":
        return "\n";
      case "B":
      case "STRONG":
        return node.style && node.style.fontWeight === "normal" ? inner : wrapped(inner, "**");
      case "I":
      case "EM":
        return wrapped(inner, "*");
      case "A": {
        const address = node.getAttribute("href") || "";
        const words = inner.trim();
        return /^(https?:|mailto:|tel:)/i.test(address) && words && !words.includes("\n") ? `[${words}](${encodeURI(decodeURI(address))})` : inner;
      }
      case "LI":
        return `\n${list || "- "}${inner.trim().replace(/\n+/g, " ")}\n`;
      case "H1":
      case "H2":
        return `\n\n## ${inner.trim()}\n\n`;
      case "H3":
      case "H4":
      case "H5":
      case "H6":
        return `\n\n### ${inner.trim()}\n\n`;
      default:
        return BLOCKS.has(node.tagName) ? `\n\n${inner.trim()}\n\n` : inner;
    }
  }

  function pasted(event) {
    const html = event.clipboardData && event.clipboardData.getData("text/html");
    if (!html) return;
    let text;
    try {
      const parsed = new DOMParser().parseFromString(html, "text/html");
      text = marks(parsed.body, "").replace(/[ \t]*\n[ \t]*/g, "\n").replace(/\n{3,}/g, "\n\n").replace(/(\n(?:- |1\. )[^\n]*)\n\n(?=- |1\. )/g, "$1\n").trim();
    } catch {
      return;
    }
    if (!text) return;
    event.preventDefault();
    const field = event.target;
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  document.querySelectorAll("form[data-draft]").forEach(keep);
  document.querySelectorAll("textarea[data-paste]").forEach((field) => field.addEventListener("paste", pasted));
})();
