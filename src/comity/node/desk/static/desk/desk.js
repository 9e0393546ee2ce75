// SPDX-License-Identifier: Apache-2.0
// Enhancements only: every page works without this file.
"use strict";

// After a refused form the reader starts at the summary of what is wrong.
document.addEventListener("DOMContentLoaded", () => {
  const summary = document.getElementById("errors");
  if (summary) summary.focus();
});

// A draft that could not be saved says so where the reader looks for "saved".
function notSaved(event) {
  const form = event.detail.elt.closest("form[data-autosave]");
  if (!form) return;
  const status = form.querySelector("[data-saved]");
  const signedOut = event.detail.xhr && event.detail.xhr.status === 401;
  status.textContent = signedOut ? form.dataset.signedOut : form.dataset.notSaved;
  status.classList.add("wrong");
}
document.addEventListener("htmx:sendError", notSaved);
document.addEventListener("htmx:responseError", notSaved);
document.addEventListener("htmx:timeout", notSaved);

// While a form is being sent by its button, a late autosave must not overtake it.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("form[data-autosave]")) form.dataset.leaving = "yes";
});
document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.detail.elt.closest("form[data-autosave]");
  if (form && form.dataset.leaving) event.preventDefault();
});

// A page that is brought up to date leaves open what was open, and waits while something is
// being chosen in it.
let opened = [];
document.addEventListener("htmx:beforeSwap", (event) => {
  const part = event.detail.target;
  if (part.id !== "live") return;
  if (document.activeElement.matches("#live select, #live input, #live textarea")) {
    event.detail.shouldSwap = false;
    return;
  }
  opened = [...part.querySelectorAll("details[id]")].map((one) => [one.id, one.open]);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const [id, open] of opened) {
    const one = document.getElementById(id);
    if (one) one.open = open;
  }
  opened = [];
});
