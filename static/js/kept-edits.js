/* Another model's controls arrive a moment after it was chosen: what was changed meanwhile is kept, where they have it. */

let asked = null; // the form's values when the controls were asked for
let edits = [];

const values = (form) => new Map(new FormData(form));

document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.id === "model") asked = values(event.target.form);
});

document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.target.id !== "controls" || asked === null) return;
  const now = values(event.target.closest("form"));
  const controls = [...event.target.querySelectorAll("[name]:not([type=hidden])")];
  edits = controls.map((control) => control.name).filter((name) => now.get(name) !== asked.get(name));
  edits = edits.map((name) => [name, now.get(name)]);
  asked = null;
});

document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id !== "controls") return;
  for (const [name, value] of edits.splice(0)) keep(event.target, name, value);
});

function keep(controls, name, value) {
  const control = controls.querySelector(`[name="${name}"]:not([type=hidden])`);
  if (!control || control.disabled) return;
  const before = control.value;
  if (control.type === "checkbox") control.checked = value !== undefined;
  else control.value = value;
  const isOffered = control.localName !== "select" || control.selectedOptions[0]?.disabled === false;
  if (!isOffered) control.value = before;
  control.dispatchEvent(new Event("input", { bubbles: true }));
}
