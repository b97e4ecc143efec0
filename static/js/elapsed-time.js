/* <elapsed-time data-since data-now data-late-after>: counts on from the server's clock, and says when it takes longer
   than usual. Its text stands there without this script. */

class ElapsedTime extends HTMLElement {
  static observedAttributes = ["data-since", "data-now"];

  #timer = 0;
  #start = 0;

  connectedCallback() {
    this.#set();
    this.#timer = setInterval(() => this.#tick(), 1000);
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
  }

  attributeChangedCallback() {
    if (this.isConnected) this.#set();
  }

  #set() {
    this.#start = Date.now() - (Date.parse(this.dataset.now) - Date.parse(this.dataset.since));
    queueMicrotask(() => this.#tick());
  }

  #part(name) {
    return this.querySelector(`[data-part=${name}]`);
  }

  #tick() {
    const seconds = Math.max(0, Math.floor((Date.now() - this.#start) / 1000));
    const clock = this.#part("clock");
    if (!clock || Number.isNaN(seconds)) return;
    clock.textContent = show(seconds);
    const lateAfter = Number(this.dataset.lateAfter);
    const isLate = lateAfter > 0 && seconds > lateAfter;
    this.#part("usual")?.toggleAttribute("hidden", isLate);
    this.#part("late")?.toggleAttribute("hidden", !isLate);
  }
}

function show(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

customElements.define("elapsed-time", ElapsedTime);
