/* Single keys: an element with data-key="g g" is pressed, or focused when it is a field, by typing that; `?` lists
   what the page has. Nothing happens while somebody types, or when the keys are switched off in the account. */

const PATIENCE_MS = 900;
let typed = "";
let timer = 0;

const isTyping = ({ target }) => target.isContentEditable || target.matches?.("input:not([type=checkbox], [type=radio]), textarea, select");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented || isTyping(event)) return;
  if (event.key.length !== 1 || event.key === " ") return;
  clearTimeout(timer);
  timer = setTimeout(() => (typed = ""), PATIENCE_MS);
  if (press(`${typed} ${event.key}`.trim()) || press(event.key)) {
    event.preventDefault();
    typed = "";
  } else typed = event.key;
});

function press(keys) {
  if (keys === "?") return help();
  const element = document.querySelector(`[data-key="${CSS.escape(keys)}"]`);
  if (!element || element.closest("[hidden]")) return false;
  if (element.matches("input, textarea")) element.focus();
  else element.click();
  return true;
}

function help() {
  const list = document.getElementById("keys");
  const rows = [...document.querySelectorAll("[data-key]")].filter((element) => !element.closest("[hidden]"));
  const words = list.querySelector("dl");
  words.replaceChildren(
    ...rows.flatMap((element) => {
      const key = Object.assign(document.createElement("kbd"), { textContent: element.dataset.key });
      const [term, told] = [document.createElement("dt"), document.createElement("dd")];
      term.append(key);
      told.textContent = element.getAttribute("aria-label") || element.textContent.trim() || element.title;
      return [term, told];
    }),
  );
  list.showModal();
  return true;
}
