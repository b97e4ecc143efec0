/* <notice-bell>: keeps the count true. While the page is hidden it counts in the title what came, and lets the browser
   tell it where that was allowed; while somebody looks it says nothing. Several tabs tell a thing once: by its tag. */

const SEEN_SECONDS = 30;
const HIDDEN_SECONDS = 20;
const LONGEST_SECONDS = 600;
const COUNTED = /^\(\d+\) /;

class NoticeBell extends HTMLElement {
  #timer = 0;
  #failures = 0;
  #unseen = 0;

  connectedCallback() {
    document.addEventListener("visibilitychange", this.#turned);
    this.#plan();
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
    document.removeEventListener("visibilitychange", this.#turned);
  }

  get #mayTell() {
    return "Notification" in window && Notification.permission === "granted";
  }

  #plan() {
    clearTimeout(this.#timer);
    if (document.hidden && !this.#mayTell) return;
    const pace = document.hidden ? HIDDEN_SECONDS : SEEN_SECONDS;
    this.#timer = setTimeout(() => this.#ask(), Math.min(pace * 2 ** this.#failures, LONGEST_SECONDS) * 1000);
  }

  #turned = () => {
    if (document.hidden) return this.#plan();
    if (this.#unseen) document.title = document.title.replace(COUNTED, "");
    this.#unseen = 0;
    return this.#ask();
  };

  async #ask() {
    clearTimeout(this.#timer);
    const known = new URLSearchParams({ after: this.dataset.last, count: this.dataset.count });
    try {
      const answer = await fetch(`${this.dataset.news}?${known}`, { redirect: "error" });
      this.#failures = answer.ok ? 0 : this.#failures + 1;
      if (answer.status === 200) this.#take(await answer.json());
    } catch {
      this.#failures += 1;
    }
    this.#plan();
  }

  #take(news) {
    this.dataset.last = Math.max(Number(this.dataset.last), news.last);
    this.dataset.count = news.count;
    this.querySelector("[data-part=count]").textContent = news.shown;
    this.querySelector(".bell-count").hidden = news.count === 0;
    if (document.hidden && news.notices.length) this.#tell(news.notices);
  }

  #tell(notices) {
    this.#unseen += notices.length;
    document.title = `(${this.#unseen}) ${document.title.replace(COUNTED, "")}`;
    if (!this.#mayTell) return;
    for (const notice of notices.reverse()) {
      const shown = new Notification(notice.text, { tag: `notice-${notice.id}`, icon: this.dataset.icon });
      shown.addEventListener("click", () => {
        window.focus();
        window.location.assign(notice.url);
      });
    }
  }
}

customElements.define("notice-bell", NoticeBell);
