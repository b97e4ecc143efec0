/* What stood in the tray outlives a reload and a sign-in in this tab, as the prompt's draft does, with its model. */

const box = document.querySelector("prompt-box[data-draft]");
const form = document.getElementById("composer");
const key = box && `tray:${box.dataset.draft}`;
const chips = () => [...document.querySelectorAll("#tray [name=chip]")].map((input) => input.value);

function keep() {
  const kept = { model: form.elements.model.value, prompt: form.elements.prompt.value, chips: chips() };
  sessionStorage.setItem(key, JSON.stringify(kept));
}

/* Only into the form as the page gave it: a link or a refusal has filled it otherwise. */
function restore() {
  const kept = JSON.parse(sessionStorage.getItem(key) ?? "null");
  if (!kept?.chips.length || chips().length || location.search) return;
  const isDraft = form.elements.prompt.value === kept.prompt && !form.querySelector(".problem:not(:empty)");
  const option = [...form.elements.model.options].find((each) => each.value === kept.model && !each.disabled);
  if (!isDraft || !option) return;
  for (const value of kept.chips)
    document.getElementById("tray").append(Object.assign(document.createElement("input"), { type: "hidden", name: "chip", value }));
  form.elements.model.value = kept.model;
  form.elements.model.dispatchEvent(new Event("change", { bubbles: true }));
}

if (form && box) {
  document.addEventListener("DOMContentLoaded", restore);
  addEventListener("pagehide", keep);
}
