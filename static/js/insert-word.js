/* <insert-word data-for="prompt">: makes its words a button that puts them in that textarea. */

class InsertWord extends HTMLElement {
  connectedCallback() {
    if (this.querySelector("button")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "small word";
    button.append(...this.childNodes);
    button.addEventListener("click", () => this.#insert());
    this.append(button);
  }

  #insert() {
    const box = document.getElementById(this.dataset.for);
    const word = this.textContent.trim();
    const before = box.value.slice(0, box.selectionStart).trimEnd();
    const after = box.value.slice(box.selectionEnd).trimStart();
    box.value = [before, word, after].filter(Boolean).join(" ");
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

customElements.define("insert-word", InsertWord);
