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
  status.textContent = form.dataset.notSaved;
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
