/* <clip-present>: shows its items one at a time, each after the other; arrows walk. Without it they
   stand in a column. */

const STILL_SECONDS = 5;

class ClipPresent extends HTMLElement {
  connectedCallback() {
    this.items = [...this.querySelectorAll("li:has(video, img)")];
    this.remote = this.querySelector(".present-remote");
    if (!this.items.length) return;
    this.remote.hidden = false;
    this.remote.addEventListener("click", ({ target }) => this.#do(target.closest("[data-do]")?.dataset.do));
    document.addEventListener("keydown", this.#pressed);
    for (const clip of this.querySelectorAll("video")) clip.addEventListener("ended", () => this.#go(this.at + 1, true));
    this.#go(0);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.#pressed);
    clearTimeout(this.timer);
  }

  #do(what) {
    if (what === "on") this.#go(this.at + 1, true);
    if (what === "back") this.#go(this.at - 1, true);
    if (what === "full") document.fullscreenElement ? document.exitFullscreen() : this.requestFullscreen();
  }

  #pressed = (event) => {
    if (event.ctrlKey || event.metaKey || event.target.closest("video, input, textarea")) return;
    const what = { ArrowRight: "on", PageDown: "on", ArrowLeft: "back", PageUp: "back" }[event.key];
    if (!what) return;
    event.preventDefault();
    this.#do(what);
  };

  #go(to, plays = false) {
    clearTimeout(this.timer);
    if (to < 0 || to >= this.items.length) return;
    this.querySelectorAll("video").forEach((clip) => clip.pause());
    this.at = to;
    this.items.forEach((item, place) => (item.hidden = place !== to));
    this.querySelector("[data-place]").textContent = `${to + 1} / ${this.items.length}`;
    const clip = this.items[to].querySelector("video");
    const next = this.items[to + 1]?.querySelector("video");
    if (next) next.preload = "auto";
    if (clip && plays) clip.play().catch(() => {});
    if (!clip && plays) this.timer = setTimeout(() => this.#go(to + 1, true), STILL_SECONDS * 1000);
  }
}

customElements.define("clip-present", ClipPresent);
