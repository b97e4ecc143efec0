/* <live-poll>: asks the server what changed, at the pace that the server sets. It rests while the page is hidden, asks
   at once when it is seen again, and after three failures says so and slows down. What finished unseen is counted in
   the page's title. */

const SLOWEST_SECONDS = 20;
const QUIET_FAILURES = 2;

class LivePoll extends HTMLElement {
  static observedAttributes = ["data-pace"];

  #timer = 0;
  #failures = 0;
  #unseen = 0;
  #title = document.title;

  connectedCallback() {
    this.addEventListener("htmx:afterRequest", this.#answered);
    document.addEventListener("visibilitychange", this.#looked);
    window.addEventListener("focus", this.#seen);
    window.addEventListener("online", this.#looked);
    document.body.addEventListener("htmx:oobAfterSwap", this.#told);
    this.#plan();
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
    document.removeEventListener("visibilitychange", this.#looked);
    window.removeEventListener("focus", this.#seen);
    window.removeEventListener("online", this.#looked);
    document.body.removeEventListener("htmx:oobAfterSwap", this.#told);
  }

  attributeChangedCallback() {
    if (this.isConnected) this.#plan();
  }

  #plan() {
    clearTimeout(this.#timer);
    const pace = Number(this.dataset.pace);
    if (document.hidden || !pace) return;
    const slower = this.#failures > QUIET_FAILURES ? 2 ** (this.#failures - QUIET_FAILURES) : 1;
    const seconds = this.#failures ? Math.min(Math.max(2, pace / 4) * slower, SLOWEST_SECONDS) : pace;
    this.#timer = setTimeout(() => this.#ask(), seconds * 1000);
  }

  #ask() {
    clearTimeout(this.#timer);
    window.htmx.trigger(this, "poll");
  }

  #looked = () => {
    if (document.hidden) clearTimeout(this.#timer);
    else this.#ask();
  };

  #answered = (event) => {
    if (event.target !== this) return;
    const status = event.detail.xhr.status;
    if (status === 403 || status === 404) return window.location.reload();
    this.#failures = event.detail.successful ? 0 : this.#failures + 1;
    const sign = this.querySelector(".reconnecting");
    if (sign) sign.hidden = this.#failures <= QUIET_FAILURES;
    this.#plan();
  };

  #told = (event) => {
    if (event.detail.target?.id !== "said" || document.hasFocus()) return;
    this.#unseen += event.detail.target.childElementCount;
    document.title = `(${this.#unseen}) ${this.#title.trim()}`;
  };

  #seen = () => {
    this.#unseen = 0;
    document.title = this.#title;
  };
}

/* A renewed page keeps what the person has opened. */
window.addEventListener("DOMContentLoaded", () => {
  window.Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, element) =>
    !(name === "open" && element instanceof HTMLDetailsElement);
});

customElements.define("live-poll", LivePoll);
