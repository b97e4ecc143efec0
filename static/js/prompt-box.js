/* <prompt-box>: Ctrl or ⌘ + Enter in its textarea sends the form. */

class PromptBox extends HTMLElement {
  connectedCallback() {
    this.addEventListener("keydown", this.#pressed);
  }

  disconnectedCallback() {
    this.removeEventListener("keydown", this.#pressed);
  }

  #pressed = (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    event.target.form.requestSubmit();
  };
}

customElements.define("prompt-box", PromptBox);
