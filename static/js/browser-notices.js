/* <browser-notices>: whether this browser may tell; asks for it only when its button is pressed. */

class BrowserNotices extends HTMLElement {
  connectedCallback() {
    this.#show();
    this.querySelector("button").addEventListener("click", async () => {
      await Notification.requestPermission();
      this.#show();
    });
  }

  #show() {
    const state = "Notification" in window && window.isSecureContext ? Notification.permission : "missing";
    for (const part of this.querySelectorAll("[data-part]")) part.hidden = part.dataset.part !== state;
  }
}

customElements.define("browser-notices", BrowserNotices);
