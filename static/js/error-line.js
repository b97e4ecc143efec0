/* Says in the page's alert line that an action did not reach the server or failed there; a poll says so itself. */

const line = document.getElementById("alert");

function say(event, words) {
  if (event.target.localName === "live-poll") return;
  const notice = document.createElement("p");
  notice.className = "notice bad";
  notice.textContent = words;
  line.replaceChildren(notice);
}

document.body.addEventListener("htmx:responseError", (event) => say(event, line.dataset.failed));
document.body.addEventListener("htmx:sendError", (event) => say(event, line.dataset.unreachable));
document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.localName !== "live-poll") line.replaceChildren();
});
