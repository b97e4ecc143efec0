/* <relative-time data-now="just now"><time datetime>: keeps "3 minutes ago" true. Its text stands there without it. */

const UNITS = [
  ["year", 31536000],
  ["month", 2592000],
  ["week", 604800],
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];
const words = new Intl.RelativeTimeFormat(document.documentElement.lang || "en");

class RelativeTime extends HTMLElement {
  #timer = 0;

  connectedCallback() {
    this.#timer = setInterval(() => this.#tick(), 30000);
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
  }

  #tick() {
    const time = this.querySelector("time");
    const seconds = (Date.now() - Date.parse(time?.dateTime)) / 1000;
    const unit = UNITS.find(([, length]) => seconds >= length);
    if (time && !Number.isNaN(seconds))
      time.textContent = unit ? words.format(-Math.floor(seconds / unit[1]), unit[0]) : this.dataset.now;
  }
}

customElements.define("relative-time", RelativeTime);
