/* When the button that had the focus has gone with its part of the panel, the focus goes to what stands there now. */

document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id !== "improve" || document.activeElement !== document.body) return;
  document.querySelector("#improve button")?.focus();
});
