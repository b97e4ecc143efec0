/* <clip-player data-frames>: under a native <video>, a bar that steps by frames, plays at other speeds and backwards
   (J K L), and loops, all or from A to B. The keys are pressed by page-keys.js. */

const SPEEDS = [1, 2, 4];
const BACKWARDS_EVERY_MS = 1000 / 12;

class ClipPlayer extends HTMLElement {
  #from = null;
  #to = null;
  #backwards = 0;
  #timer = 0;

  connectedCallback() {
    this.video = this.querySelector("video");
    this.bar = this.querySelector(".player-bar");
    this.time = this.querySelector(".player-time");
    this.bar.hidden = false;
    this.bar.addEventListener("click", this.#pressed);
    this.querySelector("select").addEventListener("change", (event) => this.#speed(Number(event.target.value)));
    for (const name of ["timeupdate", "seeked", "loadedmetadata"]) this.video.addEventListener(name, this.#told);
    this.video.addEventListener("play", () => this.#stopBackwards());
    this.video.addEventListener("ended", this.#again);
    this.#told();
  }

  disconnectedCallback() {
    this.#stopBackwards();
  }

  get frame() {
    return 1 / (Number(this.dataset.frames) || 24);
  }

  #pressed = (event) => {
    const button = event.target.closest("[data-do]");
    if (button) this[button.dataset.do](button);
  };

  /* The middle of a frame: its edges belong to two. */
  #step(frames) {
    this.video.pause();
    this.#stopBackwards();
    const at = Math.floor(this.video.currentTime / this.frame + 0.01) + frames;
    const last = Math.max(0, (this.video.duration || 0) - this.frame / 2);
    this.video.currentTime = Math.min(last, Math.max(0, (at + 0.5) * this.frame));
  }

  back() {
    this.#step(-1);
  }

  on() {
    this.#step(1);
  }

  pause() {
    if (this.#timer) return this.#stopBackwards();
    this.#speed(Number(this.querySelector("select").value));
    if (this.video.paused) this.video.play();
    else this.video.pause();
  }

  forward() {
    const faster = SPEEDS.find((speed) => speed > this.video.playbackRate) ?? SPEEDS.at(-1);
    this.#speed(this.video.paused ? 1 : faster);
    this.video.play();
  }

  reverse() {
    const speed = this.#timer ? Math.min(SPEEDS.at(-1), this.#backwards * 2) : 1;
    this.video.pause();
    this.#stopBackwards();
    this.#backwards = speed;
    this.#timer = setInterval(() => {
      this.video.currentTime = Math.max(0, this.video.currentTime - (speed * BACKWARDS_EVERY_MS) / 1000);
      if (this.video.currentTime <= 0) this.#stopBackwards();
    }, BACKWARDS_EVERY_MS);
  }

  a(button) {
    this.#from = this.#from === null ? this.video.currentTime : null;
    if (this.#to !== null && this.#from !== null && this.#to <= this.#from) this.#to = null;
    this.#marked();
    button.blur();
  }

  b(button) {
    this.#to = this.#to === null ? this.video.currentTime : null;
    if (this.#from !== null && this.#to !== null && this.#from >= this.#to) this.#from = null;
    this.#marked();
    button.blur();
  }

  loop() {
    this.video.loop = !this.video.loop;
    this.#marked();
  }

  #marked() {
    const pressed = { a: this.#from !== null, b: this.#to !== null, loop: this.video.loop };
    for (const [name, is] of Object.entries(pressed))
      this.querySelector(`[data-do="${name}"]`).setAttribute("aria-pressed", String(is));
    this.#told();
  }

  #speed(rate) {
    this.video.playbackRate = rate;
  }

  #stopBackwards() {
    clearInterval(this.#timer);
    this.#timer = this.#backwards = 0;
  }

  #again = () => {
    if (this.#from === null && this.#to === null) return;
    this.video.currentTime = this.#from ?? 0;
    this.video.play();
  };

  #told = () => {
    const { currentTime, duration } = this.video;
    if (this.#to !== null && currentTime >= this.#to && !this.video.paused) this.video.currentTime = this.#from ?? 0;
    const frame = Math.floor(currentTime / this.frame + 0.01);
    const span = this.#from !== null || this.#to !== null;
    const loop = span ? ` · ${show(this.#from ?? 0)}–${show(this.#to ?? duration ?? 0)}` : "";
    this.time.textContent = `${show(currentTime)} · ${frame}${loop}`;
  };
}

function show(seconds) {
  const minutes = Math.floor((seconds || 0) / 60);
  return `${minutes}:${((seconds || 0) - minutes * 60).toFixed(2).padStart(5, "0")}`;
}

customElements.define("clip-player", ClipPlayer);
