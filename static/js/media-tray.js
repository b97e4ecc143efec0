/* <media-tray>: files dropped on the composer or pasted into it go to the library, then into the tray. The focus is kept
   when a chip goes. Without it the library's page takes files, and every button of the tray works by itself. */

class MediaTray extends HTMLElement {
  #waiting = Promise.resolve();

  connectedCallback() {
    this.form = this.closest("form");
    this.querySelector(".drop-help").hidden = false;
    for (const name of ["dragenter", "dragover", "dragleave", "drop"]) this.form.addEventListener(name, this.#dragged);
    this.form.addEventListener("paste", this.#pasted);
    document.body.addEventListener("htmx:afterSettle", this.#settled);
  }

  disconnectedCallback() {
    for (const name of ["dragenter", "dragover", "dragleave", "drop"]) this.form.removeEventListener(name, this.#dragged);
    this.form.removeEventListener("paste", this.#pasted);
    document.body.removeEventListener("htmx:afterSettle", this.#settled);
  }

  #settled = (event) => {
    if (event.target.id !== "tray" || document.activeElement !== document.body) return;
    (document.querySelector("#tray button") ?? document.querySelector("#picker summary")).focus();
  };

  #pasted = (event) => {
    const files = [...event.clipboardData.files];
    if (!files.length) return;
    event.preventDefault();
    this.#take(files);
  };

  #dragged = (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.form.classList.toggle("over", event.type === "dragenter" || event.type === "dragover");
    if (event.type === "drop") this.#take([...event.dataTransfer.files]);
  };

  #take(files) {
    this.closest("details").open = true;
    for (const file of files) this.#waiting = this.#waiting.then(() => this.#send(file));
  }

  async #send(file) {
    const line = document.createElement("li");
    line.className = "notice";
    line.textContent = `${file.name} …`;
    this.querySelector(".tray-answers").append(line);
    const body = new FormData();
    body.append("csrfmiddlewaretoken", this.form.querySelector("[name=csrfmiddlewaretoken]").value);
    body.append("files", file);
    try {
      const answer = await fetch(this.dataset.upload, { method: "POST", headers: { "HX-Request": "true" }, body });
      const said = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("li.notice");
      if (!said) throw new Error(String(answer.status));
      const asset = said.dataset.asset;
      if (asset) line.remove();
      else line.replaceWith(said);
      if (asset) await this.#add(asset);
    } catch {
      line.classList.add("bad");
      line.textContent = `${file.name}: ${this.dataset.failed}`;
    }
  }

  #add(asset) {
    const values = { do: `add:${asset}` };
    const source = document.getElementById("tray");
    return window.htmx.ajax("POST", this.dataset.tray, { source, target: "#tray", swap: "morph:outerHTML", values });
  }
}

customElements.define("media-tray", MediaTray);
