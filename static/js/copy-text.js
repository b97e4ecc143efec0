/* <copy-text data-copied="Copied">: its button puts the text of its <pre> into the clipboard. Without it the text is
   selected by hand; where the browser gives no clipboard, the button selects it. */

class CopyText extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("button");
    this.button.hidden = false;
    this.button.addEventListener("click", this.#copy);
  }

  disconnectedCallback() {
    this.button.removeEventListener("click", this.#copy);
  }

  #copy = async () => {
    const text = this.querySelector("pre");
    try {
      await navigator.clipboard.writeText(text.textContent);
      this.button.querySelector("[role=status]").textContent = this.dataset.copied;
    } catch {
      getSelection().selectAllChildren(text);
    }
  };
}

customElements.define("copy-text", CopyText);
