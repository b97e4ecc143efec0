/* Generate waits its turn: what was changed in the form a moment ago (the model, the tray, a field) is answered first. */

let waiting = null;

/* Until an answer has settled: what was changed while it was under way is put back only then (kept-edits.js). */
const isBusy = () => document.querySelector("#composer :is(.htmx-request, .htmx-swapping, .htmx-settling)") !== null;

document.body.addEventListener("htmx:confirm", (event) => {
  if (event.target.id !== "composer" || !isBusy()) return;
  event.preventDefault();
  waiting = event.detail.issueRequest;
});

/* The next of the queue is sent right after these events: look again once it has been. */
function look() {
  setTimeout(() => {
    if (waiting === null || isBusy()) return;
    const send = waiting;
    waiting = null;
    send(true);
  });
}

document.body.addEventListener("htmx:afterRequest", look);
document.body.addEventListener("htmx:afterSettle", look);
