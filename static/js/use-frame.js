/* <use-frame>: the time in its form is that at which the player beside it stands; what the tray takes no more of is greyed,
   and says why. Without it the time is typed, and the board says what does not fit. */

class UseFrame extends HTMLElement {
  connectedCallback() {
    this.details = this.closest("details");
    this.details.addEventListener("toggle", this.#opened);
    this.addEventListener("submit", this.#sent);
    addEventListener("keydown", this.#left);
  }

  disconnectedCallback() {
    this.details.removeEventListener("toggle", this.#opened);
    this.removeEventListener("submit", this.#sent);
    removeEventListener("keydown", this.#left);
  }

  get #player() {
    return this.closest(".card, .job")?.querySelector("video");
  }

  #opened = () => {
    if (!this.details.open) return;
    this.#take();
    this.#grey();
  };

  /* Paused first: the frame that is seen is the frame that is cut. */
  #take() {
    const [player, time] = [this.#player, this.querySelector("[name=at]")];
    if (!player || !time) return;
    player.pause();
    time.value = player.currentTime.toFixed(6);
    player.addEventListener("seeked", () => (time.value = player.currentTime.toFixed(6)), { once: false });
  }

  #grey() {
    const tray = document.getElementById("tray");
    const reasons = new Set();
    for (const button of this.querySelectorAll("[data-closed]")) {
      const why = tray?.dataset[button.dataset.closed] ?? "";
      button.disabled = Boolean(why);
      if (why) reasons.add(why);
    }
    const line = this.querySelector(".why");
    line.textContent = [...reasons].join(" ");
    line.hidden = !reasons.size;
  }

  #sent = () => {
    if (!document.getElementById("composer")) return;
    queueMicrotask(() => (this.details.open = false));
    document.getElementById("composer").scrollIntoView({ block: "nearest" });
  };

  #left = (event) => {
    if (event.key !== "Escape" || !this.details.open) return;
    this.details.open = false;
    this.details.querySelector("summary").focus();
  };
}

customElements.define("use-frame", UseFrame);
