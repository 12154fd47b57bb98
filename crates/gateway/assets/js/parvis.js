// Every page works without this file. It adds six comforts: characters left, one submission at a time,
// a list narrowed while typing, answers proposed while writing, a follow-up page that refreshes itself, and writing that
// outlives a crash of its tab.
"use strict";

(() => {
  const announce = (text) => {
    const region = document.getElementById("annonces");
    if (region) region.textContent = text;
  };

  // Characters left, said only near the end so that a screen reader is not flooded.
  for (const area of document.querySelectorAll("textarea[data-max]")) {
    const max = Number(area.dataset.max);
    const counter = document.createElement("p");
    counter.className = "counter";
    area.after(counter);
    let said = "";
    const show = () => {
      const left = max - [...area.value].length;
      const plural = Math.abs(left) > 1 ? "s" : "";
      counter.textContent = left >= 0
        ? `${left.toLocaleString("fr-FR")} caractère${plural} restant${plural}`
        : `${(-left).toLocaleString("fr-FR")} caractère${plural} de trop`;
      const step = left < 0 ? "trop" : left <= 50 ? "bientôt" : "";
      if (step && step !== said) announce(counter.textContent);
      said = step;
    };
    area.addEventListener("input", show);
    show();
  }

  // One submission at a time. The form's hidden key makes a second one harmless anyway.
  for (const form of document.querySelectorAll("form[data-once]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) {
        event.preventDefault();
        return;
      }
      form.dataset.sent = "1";
      const button = event.submitter;
      if (button) button.setAttribute("aria-disabled", "true");
      announce("Envoi en cours…");
    });
  }
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-once]")) {
      delete form.dataset.sent;
      for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
    }
  });

  // A select narrowed while typing: `data-filters` names it.
  for (const part of document.querySelectorAll("[data-js]")) part.hidden = false;
  const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  for (const input of document.querySelectorAll("input[data-filters]")) {
    const select = document.getElementById(input.dataset.filters);
    if (!select) continue;
    const options = [...select.querySelectorAll("option")].filter((option) => option.value !== "");
    input.addEventListener("input", () => {
      const words = plain(input.value).split(/\s+/).filter(Boolean);
      let first = null;
      let shown = 0;
      for (const option of options) {
        const text = plain(`${option.textContent} ${option.dataset.words || ""}`);
        option.hidden = !words.every((word) => text.includes(word));
        if (!option.hidden) {
          shown += 1;
          first ??= option;
        }
      }
      for (const group of select.querySelectorAll("optgroup")) {
        group.hidden = ![...group.children].some((option) => !option.hidden);
      }
      if (words.length > 0 && first) select.value = first.value;
      announce(words.length === 0 ? "" : shown === 0 ? "Aucune démarche ne correspond." : `${shown} démarche${shown > 1 ? "s" : ""} proposée${shown > 1 ? "s" : ""}.`);
    });
  }

  // Answers proposed while one writes: `data-for` names the text. The button that does the same without this file goes.
  for (const place of document.querySelectorAll("[data-suggest]")) {
    const text = document.getElementById(place.dataset.for);
    const csrf = place.closest("form")?.querySelector("input[name=csrf]")?.value;
    if (!text || !csrf) continue;
    for (const part of document.querySelectorAll("[data-nojs]")) part.hidden = true;
    let asked = text.value.trim();
    let waiting = 0;
    const ask = async () => {
      const now = text.value.trim();
      if (now === asked || now.length < 12) return;
      asked = now;
      const body = new URLSearchParams({ csrf, text: now.slice(0, 2000), procedure: place.dataset.procedure || "" });
      const response = await fetch(place.dataset.suggest, { method: "POST", body, redirect: "error" });
      if (!response.ok || text.value.trim() !== now || place.contains(document.activeElement)) return;
      const fresh = new DOMParser().parseFromString(await response.text(), "text/html").body;
      const count = fresh.querySelectorAll(".answers > li").length;
      place.replaceChildren(...fresh.childNodes);
      if (count > 0) announce(count > 1 ? `${count} réponses possibles sont proposées sous le texte.` : "Une réponse possible est proposée sous le texte.");
    };
    text.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => ask().catch(() => {}), 900);
    });
  }

  // A page that refreshes its live parts when the server says that something happened.
  const live = document.querySelector("[data-events]");
  if (live && "EventSource" in window) {
    let last = Number(live.dataset.after || 0);
    let waiting = 0;
    const refresh = async () => {
      waiting = 0;
      const response = await fetch(location.pathname, { headers: { accept: "text/html" }, redirect: "error" });
      if (!response.ok) return;
      const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
      let changed = false;
      for (const part of document.querySelectorAll("[data-live]")) {
        const next = fresh.getElementById(part.id);
        if (!next || next.innerHTML === part.innerHTML || part.contains(document.activeElement)) continue;
        part.replaceChildren(...next.childNodes);
        changed = true;
      }
      if (changed) announce("Cette page vient d'être mise à jour.");
    };
    const source = new EventSource(live.dataset.events);
    source.addEventListener("line", (event) => {
      const position = Number(event.lastEventId);
      if (position <= last) return;
      last = position;
      if (!waiting) waiting = setTimeout(() => refresh().catch(() => {}), 400);
    });
    window.addEventListener("pagehide", () => source.close());
  }

  // What is being written outlives a reload or a crash, in this tab alone: closed, it forgets, as does signing out.
  // Passwords, codes and files are never kept.
  const memory = (() => {
    try {
      return window.sessionStorage;
    } catch {
      return null;
    }
  })();
  const kept = "parvis:";
  const written = (form) => [...form.elements].filter((field) => field.name && field.autocomplete !== "one-time-code" &&
    (field.matches("textarea, select") || (field.matches("input") && !/^(password|hidden|file|submit|button)$/.test(field.type))));
  const chosen = (field) => /^(checkbox|radio)$/.test(field.type);
  const forms = memory ? [...document.querySelectorAll("form[method=post]")].filter((form) => form.querySelector("textarea")) : [];
  // The server gives back what it refused: that counts, and not what this tab knew before.
  const refilled = document.querySelector(".error-summary, #garde") !== null;
  for (const form of forms) {
    // Not `form.action`: a field may have that name.
    const key = kept + new URL(form.getAttribute("action") || "", location.href).pathname;
    const known = JSON.parse(memory.getItem(key) || "null");
    const fields = written(form);
    if (known && !known.sent && !refilled) {
      let changed = false;
      for (const field of fields) {
        const value = known.fields[chosen(field) ? `${field.name}=${field.value}` : field.name];
        if (value === undefined) continue;
        if (chosen(field)) {
          changed ||= field.checked !== value;
          field.checked = value;
        } else if (field.value !== value) {
          changed = true;
          field.value = value;
        }
      }
      if (changed) {
        const told = document.createElement("div");
        told.className = "flash flash-info";
        const text = document.createElement("p");
        text.append("Ce que vous aviez commencé à écrire a été retrouvé. ");
        const forget = document.createElement("button");
        forget.type = "button";
        forget.className = "link-btn";
        forget.textContent = "L’effacer";
        forget.addEventListener("click", () => {
          memory.removeItem(key);
          form.reset();
          told.remove();
          fields[0].focus();
        });
        text.append(forget);
        told.append(text);
        form.prepend(told);
        announce("Ce que vous aviez commencé à écrire a été retrouvé.");
      }
    }
    let waiting = 0;
    const keep = (sent) => {
      clearTimeout(waiting);
      const values = {};
      for (const field of fields) values[chosen(field) ? `${field.name}=${field.value}` : field.name] = chosen(field) ? field.checked : field.value;
      try {
        memory.setItem(key, JSON.stringify({ sent, fields: values }));
      } catch {
        // Full: nothing is kept, and nothing else breaks.
      }
    };
    form.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => keep(false), 500);
    });
    form.addEventListener("submit", () => keep(true));
  }
  if (memory) {
    for (const key of Object.keys(memory).filter((key) => key.startsWith(kept))) {
      if (JSON.parse(memory.getItem(key)).sent && !refilled) memory.removeItem(key);
    }
    for (const form of document.querySelectorAll("form[action='/deconnexion'], form[action='/suivi/quitter']")) {
      form.addEventListener("submit", () => memory.clear());
    }
  }

  // Printing needs this file: the button only shows when it is here.
  for (const button of document.querySelectorAll("button[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }

})();
