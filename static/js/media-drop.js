/* <media-drop>: files dropped anywhere on the page, pasted or chosen are sent one by one, each with its own answer in
   #answers. Without it the same form sends them all at once. */

class MediaDrop extends HTMLElement {
  #waiting = [];
  #isBusy = false;

  connectedCallback() {
    this.form = this.querySelector("form");
    this.input = this.form.querySelector("[type=file]");
    this.querySelector(".drop-help").hidden = false;
    this.form.addEventListener("submit", this.#sent);
    this.input.addEventListener("change", this.#chosen);
    for (const name of ["dragenter", "dragover", "dragleave", "drop"]) document.addEventListener(name, this.#dragged);
    document.addEventListener("paste", this.#pasted);
    document.body.addEventListener("htmx:afterRequest", this.#deleted);
  }

  disconnectedCallback() {
    for (const name of ["dragenter", "dragover", "dragleave", "drop"]) document.removeEventListener(name, this.#dragged);
    document.removeEventListener("paste", this.#pasted);
    document.body.removeEventListener("htmx:afterRequest", this.#deleted);
  }

  #sent = (event) => {
    event.preventDefault();
    this.#chosen();
  };

  #chosen = () => {
    this.#take([...this.input.files]);
    this.input.value = "";
  };

  #pasted = (event) => {
    const files = [...event.clipboardData.files];
    if (files.length) event.preventDefault();
    this.#take(files);
  };

  #dragged = (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.classList.toggle("over", event.type === "dragenter" || event.type === "dragover");
    if (event.type === "drop") this.#take([...event.dataTransfer.files]);
  };

  /* The tile that had the focus is gone. */
  #deleted = (event) => {
    const isGone = event.detail.successful && document.activeElement === document.body;
    if (isGone && event.detail.requestConfig.path.endsWith("/delete")) document.getElementById("library-title").focus();
  };

  #take(files) {
    const answers = document.getElementById("answers");
    for (const file of files) {
      const line = document.createElement("li");
      line.className = "notice";
      line.append(Object.assign(document.createElement("b"), { textContent: file.name }));
      answers.append(line);
      if (file.size > Number(this.dataset.mostBytes)) this.#refuse(line, this.dataset.tooLarge);
      else this.#waiting.push([file, line]);
    }
    this.#next();
  }

  async #next() {
    if (this.#isBusy) return;
    this.#isBusy = true;
    while (this.#waiting.length) await this.#send(...this.#waiting.shift());
    this.#isBusy = false;
  }

  #send(file, line) {
    const progress = line.appendChild(document.createElement("progress"));
    progress.setAttribute("aria-label", file.name);
    const body = new FormData();
    body.append("csrfmiddlewaretoken", this.form.querySelector("[name=csrfmiddlewaretoken]").value);
    body.append("files", file);
    const request = new XMLHttpRequest();
    request.open("POST", this.form.action);
    request.setRequestHeader("HX-Request", "true");
    request.upload.addEventListener("progress", (event) => {
      if (event.loaded < event.total) progress.value = event.loaded / event.total;
      else progress.removeAttribute("value");
    });
    return new Promise((resolve) => {
      request.addEventListener("loadend", () => {
        progress.remove();
        if (request.getResponseHeader("HX-Redirect")) window.location.assign(request.getResponseHeader("HX-Redirect"));
        if (request.status === 200 || request.status === 413)
          window.htmx.swap(line, request.responseText, { swapStyle: "outerHTML" });
        else this.#refuse(line, this.dataset.failed);
        resolve();
      });
      request.send(body);
    });
  }

  #refuse(line, words) {
    line.classList.add("bad");
    line.append(words);
  }
}

customElements.define("media-drop", MediaDrop);
