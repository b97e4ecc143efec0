/* <prompt-box data-draft="person:project">: Ctrl or ⌘ + Enter in its textarea sends the form; what is typed outlives a
   reload and a sign-in in this tab. */

class PromptBox extends HTMLElement {
  connectedCallback() {
    this.addEventListener("keydown", this.#pressed);
    this.addEventListener("input", this.#typed);
    this.#restore();
    if (this.hasAttribute("data-fresh")) this.#typed({ target: this.querySelector("textarea") });
  }

  disconnectedCallback() {
    this.removeEventListener("keydown", this.#pressed);
    this.removeEventListener("input", this.#typed);
  }

  get #key() {
    return `draft:${this.dataset.draft}`;
  }

  #restore() {
    const box = this.querySelector("textarea");
    if (box && !box.value && !box.closest("form").querySelector(".problem:not(:empty)"))
      box.value = sessionStorage.getItem(this.#key) ?? "";
  }

  #typed = (event) => {
    sessionStorage.setItem(this.#key, event.target.value);
  };

  #pressed = (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    event.target.form.requestSubmit();
  };
}

customElements.define("prompt-box", PromptBox);
