/* <passkey-form data-options="id of a JSON script"> or data-ask="address": its button has the browser make a passkey, or
   sign with one; the answer goes into the form's field `credential`, and the form is sent. */

class PasskeyForm extends HTMLElement {
  connectedCallback() {
    const button = this.querySelector("[data-passkey]");
    if (!window.PublicKeyCredential?.parseCreationOptionsFromJSON) {
      this.#say(this.dataset.missing);
      button.disabled = true;
      return;
    }
    button.addEventListener("click", () => this.#press());
  }

  async #press() {
    this.#say("");
    try {
      const credential = await this.#credential(await this.#options());
      const form = this.querySelector("form");
      form.elements.credential.value = JSON.stringify(credential.toJSON());
      form.submit();
    } catch {
      this.#say(this.dataset.failed);
    }
  }

  async #options() {
    if (this.dataset.options) return JSON.parse(document.getElementById(this.dataset.options).textContent);
    const answer = await fetch(this.dataset.ask, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.status);
    return answer.json();
  }

  #credential(options) {
    if (options.creation_options) {
      const { publicKey } = options.creation_options;
      const chosen = { residentKey: "required", requireResidentKey: true, userVerification: "required" };
      publicKey.authenticatorSelection = { ...publicKey.authenticatorSelection, ...chosen };
      return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) });
    }
    const { publicKey } = options.request_options;
    return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });
  }

  #say(words) {
    this.querySelector("[role=status]").textContent = words;
  }
}

customElements.define("passkey-form", PasskeyForm);
