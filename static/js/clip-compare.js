/* <clip-compare>: its clips run on one clock with one bar; one of them is heard; two may be wiped one over the other.
   The keys are pressed by page-keys.js. Without it they are players side by side. */

const DRIFT_SECONDS = 0.06;
const FRAME_SECONDS = 1 / 24;

class ClipCompare extends HTMLElement {
  connectedCallback() {
    this.clips = [...this.querySelectorAll("video")];
    this.clock = this.querySelector("[data-clock]");
    if (!this.clock || !this.clips.length) return;
    this.clock.hidden = false;
    for (const clip of this.clips) {
      clip.controls = false;
      clip.muted = true;
      clip.addEventListener("loadedmetadata", () => this.#show());
      clip.addEventListener("ended", () => this.#ended());
    }
    this.clock.addEventListener("click", ({ target }) => this.#do(target.closest("[data-do]")?.dataset.do));
    this.clock.addEventListener("input", ({ target }) => this.#set(target));
    this.#show();
  }

  disconnectedCallback() {
    cancelAnimationFrame(this.frame);
  }

  #part = (name) => this.clock.querySelector(`[data-${name}]`);

  /* The longest clip is the clock; shorter ones wait on their last frame. */
  get #leader() {
    return this.clips.reduce((one, other) => ((other.duration || 0) > (one.duration || 0) ? other : one));
  }

  get #length() {
    return this.#leader.duration || 0;
  }

  #do(what) {
    if (what === "play") this.#leader.paused ? this.#play() : this.#pause();
    if (what === "back") this.#go(this.#leader.currentTime - FRAME_SECONDS);
    if (what === "on") this.#go(this.#leader.currentTime + FRAME_SECONDS);
  }

  #play() {
    if (this.#leader.ended || this.#leader.currentTime >= this.#length - FRAME_SECONDS) this.#go(0);
    for (const clip of this.clips) if (clip.currentTime < clip.duration) clip.play();
    this.#part("do=play").textContent = this.#part("do=play").dataset.pause;
    this.frame = requestAnimationFrame(this.#tick);
  }

  #pause() {
    cancelAnimationFrame(this.frame);
    for (const clip of this.clips) clip.pause();
    this.#part("do=play").textContent = this.#part("do=play").dataset.play;
    this.#align(this.#leader.currentTime, 0.001);
    this.#show();
  }

  #ended() {
    if (this.#leader.ended) this.#pause();
  }

  #tick = () => {
    this.#align(this.#leader.currentTime, DRIFT_SECONDS);
    this.#show();
    if (!this.#leader.paused) this.frame = requestAnimationFrame(this.#tick);
  };

  #align(seconds, drift) {
    for (const clip of this.clips) {
      const wanted = Math.min(seconds, clip.duration || 0);
      if (clip !== this.#leader && !clip.seeking && Math.abs(clip.currentTime - wanted) > drift) clip.currentTime = wanted;
    }
  }

  #go(seconds) {
    this.#pauseOnly();
    const at = Math.max(0, Math.min(seconds, this.#length));
    for (const clip of this.clips) clip.currentTime = Math.min(at, clip.duration || 0);
    this.#show(at);
  }

  #pauseOnly() {
    cancelAnimationFrame(this.frame);
    for (const clip of this.clips) clip.pause();
    this.#part("do=play").textContent = this.#part("do=play").dataset.play;
  }

  #set(control) {
    if (control === this.#part("scrub")) this.#go((control.value / 1000) * this.#length);
    if (control === this.#part("hear")) this.#hear(control.value);
    if (control === this.#part("wipe")) this.#wipe(control.checked);
    if (control === this.#part("edge")) this.#cut(Number(control.value));
  }

  #hear(letter) {
    for (const clip of this.clips) clip.muted = clip.closest("[data-side]").dataset.side !== letter;
  }

  #wipe(on) {
    this.classList.toggle("wiping", on);
    this.#part("edge").hidden = !on;
    this.#cut(on ? Number(this.#part("edge").value) : null);
  }

  #cut(percent) {
    this.clips.at(-1).style.clipPath = percent === null ? "" : `inset(0 0 0 ${percent}%)`;
  }

  #show(at = this.#leader.currentTime) {
    this.#part("scrub").value = this.#length ? (at / this.#length) * 1000 : 0;
    const tenths = Math.floor(at * 10) / 10;
    this.#part("time").textContent = `${Math.floor(tenths / 60)}:${(tenths % 60).toFixed(1).padStart(4, "0")}`;
  }
}

customElements.define("clip-compare", ClipCompare);
