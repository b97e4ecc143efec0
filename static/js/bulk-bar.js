/* <bulk-bar>: what is chosen in the grid, and what may be done with it. `x` chooses the tile that has the focus, Shift
   and a click a whole run, Escape none. The bar stands there only while something is chosen; without this, always. */

class BulkBar extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.querySelector("[data-clear]").hidden = false;
    document.addEventListener("change", this.#show);
    document.addEventListener("click", this.#clicked);
    document.addEventListener("keydown", this.#pressed);
    document.body.addEventListener("htmx:afterSettle", this.#show);
    this.form.addEventListener("submit", () => (this.form.elements.back.value = location.pathname + location.search));
    this.form.addEventListener("reset", () => setTimeout(this.#show));
    this.#show();
  }

  disconnectedCallback() {
    document.removeEventListener("change", this.#show);
    document.removeEventListener("click", this.#clicked);
    document.removeEventListener("keydown", this.#pressed);
    document.body.removeEventListener("htmx:afterSettle", this.#show);
  }

  get #boxes() {
    return [...document.querySelectorAll('input[name="item"][form="bulk"]')];
  }

  #show = () => {
    const chosen = this.#boxes.filter((box) => box.checked).length;
    const count = this.querySelector("[data-count]");
    this.hidden = !chosen;
    count.textContent = chosen ? `${chosen} ${count.dataset.count}` : "";
  };

  #clicked = (event) => {
    const box = event.target.closest('input[name="item"][form="bulk"]');
    if (!box) return;
    const boxes = this.#boxes;
    if (event.shiftKey && this.last) {
      const [from, to] = [boxes.indexOf(this.last), boxes.indexOf(box)].sort((a, b) => a - b);
      if (from >= 0) for (const each of boxes.slice(from, to + 1)) each.checked = box.checked;
    }
    this.last = box;
    this.#show();
  };

  #pressed = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input:not([type=checkbox]), select, textarea"))
      return;
    if (event.key === "Escape" && !this.hidden) this.form.reset();
    if (event.key !== "x" || !document.getElementById("keys")) return; // single keys are switched off
    const box = event.target.closest(".tile")?.querySelector('input[name="item"]');
    if (box) box.click();
  };
}

customElements.define("bulk-bar", BulkBar);
