/* <hover-preview data-preview data-strip>: while a tile is pointed at or has the focus, its silent preview plays over the
   poster; along its lower edge the pointer scrubs through ten frames. One <video> at a time, made late and taken away. */

const WAIT_MS = 150;
const FRAMES = 10;
const SCRUB_SHARE = 0.25; // of the height, at the bottom
const stillness = window.matchMedia("(prefers-reduced-motion: reduce)");

const mayPlay = () => !stillness.matches && !navigator.connection?.saveData;

class HoverPreview extends HTMLElement {
  #timer = 0;
  #video = null;
  #strip = null;

  connectedCallback() {
    this.addEventListener("pointerenter", this.#begin);
    this.addEventListener("pointermove", this.#scrub);
    this.addEventListener("pointerleave", this.#end);
    this.addEventListener("focusin", this.#begin);
    this.addEventListener("focusout", this.#end);
  }

  disconnectedCallback() {
    this.#end();
  }

  #begin = (event) => {
    if (event.pointerType === "touch" || !this.dataset.preview || this.#timer || !mayPlay()) return;
    this.#timer = setTimeout(() => this.#play(), WAIT_MS);
  };

  #play() {
    const video = document.createElement("video");
    Object.assign(video, { muted: true, loop: true, playsInline: true, src: this.dataset.preview });
    video.className = "tile-preview";
    video.tabIndex = -1;
    video.setAttribute("aria-hidden", "true");
    video.addEventListener("playing", () => video.classList.add("plays"), { once: true });
    this.querySelector("a").append(video);
    video.play().catch(() => video.remove());
    this.#video = video;
  }

  #scrub = (event) => {
    if (!this.#video || !this.dataset.strip) return;
    const box = this.getBoundingClientRect();
    if (event.clientY < box.bottom - box.height * SCRUB_SHARE) return this.#unscrub();
    const at = Math.min(FRAMES - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * FRAMES)));
    const strip = (this.#strip ??= this.#newStrip());
    strip.style.backgroundPositionX = `${(at / (FRAMES - 1)) * 100}%`;
    strip.firstChild.style.insetInlineStart = `${(at / FRAMES) * 100}%`;
  };

  #newStrip() {
    const strip = document.createElement("span");
    strip.className = "tile-strip";
    strip.style.backgroundImage = `url("${this.dataset.strip}")`;
    const image = this.querySelector("img");
    if (image) strip.style.aspectRatio = `${image.getAttribute("width")} / ${image.getAttribute("height")}`;
    strip.append(document.createElement("i"));
    this.querySelector("a").append(strip);
    return strip;
  }

  #unscrub() {
    this.#strip?.remove();
    this.#strip = null;
  }

  #end = () => {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#unscrub();
    if (!this.#video) return;
    this.#video.pause();
    this.#video.removeAttribute("src"); // stops its download
    this.#video.load();
    this.#video.remove();
    this.#video = null;
  };
}

customElements.define("hover-preview", HoverPreview);
