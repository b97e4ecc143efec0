/* Generate waits its turn: what was changed in the form a moment ago (the model, the tray, a field) is answered first. */

let waiting = null;

const isBusy = () => document.querySelector("#composer .htmx-request") !== null;

document.body.addEventListener("htmx:confirm", (event) => {
  if (event.target.id !== "composer" || !isBusy()) return;
  event.preventDefault();
  waiting = event.detail.issueRequest;
});

/* The next of the queue is sent right after this event: look again once it has been. */
document.body.addEventListener("htmx:afterRequest", () => {
  setTimeout(() => {
    if (waiting === null || isBusy()) return;
    const send = waiting;
    waiting = null;
    send(true);
  });
});
