/* <clip-talk data-player="selector">: comments and their player. Typing pauses it and takes its time, a time seeks it,
   marks stand where they belong under it. What is being typed survives news. Without it, times are typed and read. */

class ClipTalk extends HTMLElement {
  connectedCallback() {
    this.addEventListener("input", this.#typed);
    this.addEventListener("click", this.#clicked);
    this.addEventListener("htmx:beforeSwap", this.#answered);
    document.body.addEventListener("htmx:oobAfterSwap", this.#place);
    for (const button of this.querySelectorAll("[data-take]")) button.hidden = !this.player;
    this.player?.addEventListener("loadedmetadata", this.#place);
    this.#place();
    this.#land();
  }

  disconnectedCallback() {
    document.body.removeEventListener("htmx:oobAfterSwap", this.#place);
    this.player?.removeEventListener("loadedmetadata", this.#place);
  }

  get player() {
    return document.querySelector(this.dataset.player || "video");
  }

  #typed = ({ target }) => {
    if (!target.matches("[data-pauses]") || !this.player) return;
    this.player.pause();
    const from = target.form.elements.at;
    if (from && !from.value && this.player.currentTime > 0) from.value = show(this.player.currentTime);
  };

  #clicked = (event) => {
    const seeks = event.target.closest("[data-seek]");
    const takes = event.target.closest("[data-take]");
    if (takes && this.player) document.getElementById(takes.dataset.take).value = show(this.player.currentTime);
    if (!seeks || !this.player || event.metaKey || event.ctrlKey) return;
    this.player.pause();
    this.player.currentTime = Number(seeks.dataset.seek) / 1000;
    if (!seeks.hash || seeks.pathname !== location.pathname) event.preventDefault();
  };

  /* A form that was taken is empty again, before the news arrive. */
  #answered = (event) => {
    const form = event.target.closest("form");
    if (!form || event.detail.xhr.status >= 300) return;
    form.reset();
    form.closest("details")?.removeAttribute("open");
  };

  #place = () => {
    const seconds = this.player?.duration;
    if (!seconds) return;
    for (const mark of this.querySelectorAll("#marks > li")) {
      const [start, end] = [Number(mark.dataset.start), Number(mark.dataset.end || 0)];
      mark.style.insetInlineStart = `${Math.min(99, start / seconds / 10)}%`;
      mark.style.inlineSize = end ? `${Math.max(0, Math.min(100 - start / seconds / 10, (end - start) / seconds / 10))}%` : "";
    }
    this.querySelector("#marks")?.classList.add("placed");
  };

  /* Whoever comes with #comment-… sees the clip at its time. */
  #land() {
    const time = location.hash && this.querySelector(`#${CSS.escape(location.hash.slice(1))} [data-seek]`);
    if (!time || !this.player) return;
    const seek = () => (this.player.currentTime = Number(time.dataset.seek) / 1000);
    if (this.player.readyState) seek();
    else this.player.addEventListener("loadedmetadata", seek, { once: true });
  }
}

function show(seconds) {
  const tenths = Math.round(seconds * 10) / 10;
  const rest = (tenths % 60).toFixed(1).padStart(4, "0");
  return `${Math.floor(tenths / 60)}:${rest}`;
}

window.addEventListener("DOMContentLoaded", () => {
  if (window.Idiomorph) window.Idiomorph.defaults.callbacks.beforeNodeMorphed = (old) =>
    !(old instanceof HTMLTextAreaElement && old.value !== old.defaultValue);
});

customElements.define("clip-talk", ClipTalk);
