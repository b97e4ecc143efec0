/* <mention-list data-for="prompt">: @ in that textarea opens the chips of the tray; arrows choose, Enter or Tab puts the
   mention in, Escape closes. Without it a mention is typed. */

class MentionList extends HTMLElement {
  connectedCallback() {
    this.box = document.getElementById(this.dataset.for);
    if (!this.list) this.#make();
    this.box.addEventListener("input", this.#typed);
    this.box.addEventListener("keydown", this.#pressed);
    this.box.addEventListener("blur", this.#close);
  }

  disconnectedCallback() {
    this.box.removeEventListener("input", this.#typed);
    this.box.removeEventListener("keydown", this.#pressed);
    this.box.removeEventListener("blur", this.#close);
  }

  #make() {
    this.list = this.querySelector("ul") ?? this.appendChild(document.createElement("ul"));
    this.list.id = "mentions";
    this.list.hidden = true;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "@");
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const item = event.target.closest("li");
      if (item) this.#put(item);
    });
  }

  get #items() {
    return [...this.list.children];
  }

  get #chosen() {
    return this.list.querySelector("[aria-selected=true]");
  }

  #typed = () => {
    const found = /(?:^|[^A-Za-z0-9_@.])@([a-z0-9]*)$/i.exec(this.box.value.slice(0, this.box.selectionStart));
    const chips = found ? [...document.querySelectorAll("#tray [data-tag]")] : [];
    const begun = chips.filter((chip) => chip.dataset.tag.startsWith(found[1].toLowerCase()));
    const isWhole = begun.length === 1 && begun[0].dataset.tag === found[1].toLowerCase();
    const fitting = isWhole ? [] : begun; // nothing is left to choose
    if (!this.list.isConnected) this.append(this.list); // the form was drawn anew
    this.list.replaceChildren(...fitting.map((chip) => this.#item(chip)));
    this.list.hidden = !fitting.length;
    if (fitting.length) this.#choose(this.list.firstElementChild);
    else this.box.removeAttribute("aria-activedescendant");
  };

  #item(chip) {
    const item = document.createElement("li");
    item.id = `mention-${chip.dataset.tag}`;
    item.dataset.tag = chip.dataset.tag;
    item.setAttribute("role", "option");
    const picture = chip.querySelector("img")?.cloneNode();
    item.append(...[picture, `@${chip.dataset.tag} ${chip.querySelector("[title]").title}`].filter(Boolean));
    return item;
  }

  #choose(item) {
    for (const each of this.#items) each.setAttribute("aria-selected", String(each === item));
    this.box.setAttribute("aria-controls", this.list.id);
    this.box.setAttribute("aria-activedescendant", item.id);
  }

  #close = () => {
    this.list.hidden = true;
    this.box.removeAttribute("aria-activedescendant");
  };

  #pressed = (event) => {
    if (this.list.hidden || event.isComposing || event.ctrlKey || event.metaKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step && !["Enter", "Tab", "Escape"].includes(event.key)) return;
    event.preventDefault();
    if (event.key === "Escape") this.#close();
    else if (step) this.#choose(this.#items.at((this.#items.indexOf(this.#chosen) + step) % this.#items.length));
    else this.#put(this.#chosen);
  };

  #put(item) {
    const at = this.box.selectionStart;
    const before = this.box.value.slice(0, at).replace(/@[a-z0-9]*$/i, "");
    this.box.setRangeText(`@${item.dataset.tag} `, before.length, at, "end");
    this.#close();
    this.box.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

customElements.define("mention-list", MentionList);
