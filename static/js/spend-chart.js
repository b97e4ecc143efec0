/* <spend-chart data-label>: draws the stacked bars of the table that lies in it. Without it the table stands alone. */

class SpendChart extends HTMLElement {
  #chart = null;
  #canvas = null;
  #dark = matchMedia("(prefers-color-scheme: dark)");
  #redraw = () => this.#draw();

  connectedCallback() {
    if (!this.querySelector("tbody") || !globalThis.Chart) return;
    const box = document.createElement("div");
    box.className = "chart";
    this.#canvas = box.appendChild(document.createElement("canvas"));
    this.#canvas.setAttribute("role", "img");
    this.#canvas.setAttribute("aria-label", this.dataset.label);
    this.prepend(box);
    this.#draw();
    this.#dark.addEventListener("change", this.#redraw);
  }

  disconnectedCallback() {
    this.#dark.removeEventListener("change", this.#redraw);
    this.#chart?.destroy();
  }

  #draw() {
    this.#chart?.destroy();
    const style = getComputedStyle(this);
    const colour = (name) => style.getPropertyValue(name).trim();
    const ink = resolved(this, colour("--ink-soft"));
    const line = resolved(this, colour("--line"));
    globalThis.Chart.defaults.font.family = style.fontFamily;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const { labels, series } = read(this);
    const datasets = series.map(({ label, data }, at) => ({
      label,
      data,
      backgroundColor: resolved(this, colour(`--series-${at + 1}`)),
      borderWidth: 0,
      maxBarThickness: 36,
    }));
    this.#chart = new globalThis.Chart(this.#canvas, {
      type: "bar",
      data: { labels, datasets },
      options: {
        animation: still ? false : { duration: 250 },
        maintainAspectRatio: false,
        interaction: { mode: "index", intersect: false },
        plugins: { legend: { position: "bottom", labels: { color: ink, boxWidth: 12, boxHeight: 12 } } },
        scales: {
          x: { stacked: true, grid: { display: false }, ticks: { color: ink, maxRotation: 0, autoSkipPadding: 16 } },
          y: { stacked: true, border: { display: false }, grid: { color: line }, ticks: { color: ink } },
        },
      },
    });
  }
}

/* A colour as the canvas takes it: the browser itself works out light-dark() and oklch(). */
function resolved(near, colour) {
  const probe = near.appendChild(document.createElement("span"));
  probe.style.color = colour;
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

/* The rows are the bars; each column but the first and the last, which is their sum, is a series. */
function read(element) {
  const heads = [...element.querySelectorAll("thead th")].slice(1, -1);
  const rows = [...element.querySelectorAll("tbody tr")];
  const series = heads.map((head, at) => ({
    label: head.textContent.trim(),
    data: rows.map((row) => Number(row.cells[at + 1].dataset.micros) / 1e6),
  }));
  return { labels: rows.map((row) => row.cells[0].textContent.trim()), series };
}

customElements.define("spend-chart", SpendChart);
