/* <load-more>: presses its own link when it comes near; after many tiles it waits for a person, so that the page's end
   can be reached and its size stays bounded. */

const NEAR = "900px";
const MOST_TILES = 600;

class LoadMore extends HTMLElement {
  #watch = null;

  connectedCallback() {
    if (document.querySelectorAll(".tile").length >= MOST_TILES) return;
    this.#watch = new IntersectionObserver(([seen]) => seen.isIntersecting && this.#more(), { rootMargin: NEAR });
    this.#watch.observe(this);
  }

  disconnectedCallback() {
    this.#watch?.disconnect();
  }

  #more() {
    this.#watch.disconnect();
    this.querySelector("a")?.click();
  }
}

customElements.define("load-more", LoadMore);
