"use strict";
// What a page does in the browser: the theme, the selectors, the charts and the tables behind them.
const page = JSON.parse(document.getElementById("payload").textContent);
const views = new Map();
const TEXT = ["text", "prose", "code", "date"];
const SERIES = ["series", "variant_id"];
const VARIANTS = [...SERIES, "subject"];

// The same rules as plumbline/site/formats.py.
function shown(value, format) {
  if (value === null || value === undefined) return "\u2013";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (TEXT.includes(format)) return String(value);
  const [, sign, comma, digits, kind] = /^(\+?)(,?)(?:\.(\d+))?([f%gd])$/.exec(format);
  let text;
  if (kind === "g") text = general(Math.abs(value), Number(digits));
  else if (kind === "d") text = String(Math.trunc(Math.abs(value)));
  else text = (Math.abs(value) * (kind === "%" ? 100 : 1)).toFixed(Number(digits));
  if (comma) text = text.replace(/^\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));
  const zero = !/[1-9]/.test(text);
  return (zero ? "" : value < 0 ? "\u2212" : sign) + text + (kind === "%" ? "%" : "");
}

// A variant that is not executable is marked wherever it stands.
function marked(name) {
  return page.not_executable.includes(name) ? `${name}, not executable` : name;
}

function told(name, value) {
  return shown(VARIANTS.includes(name) ? marked(value) : value, page.columns[name].format);
}

function general(value, digits) {
  if (value === 0) return "0";
  const exponent = Number(value.toExponential(digits - 1).split("e")[1]);
  if (exponent >= -4 && exponent < digits) return String(Number(value.toPrecision(digits)));
  const [base, power] = value.toExponential(digits - 1).split("e");
  return `${Number(base)}e${power[0]}${power.slice(1).padStart(2, "0")}`.replace(/-/g, "\u2212");
}

// As plumbline/site/queries.py packs a column: as it is, or text as its values and where they stand.
function unpacked(column) {
  if (Array.isArray(column)) return column;
  if (column.at) return column.at.map((place) => column.of[place]);
  const whole = [];
  for (let run = 0; run < column.runs.length; run += 2) {
    for (let left = column.runs[run + 1]; left; left -= 1) whole.push(column.of[column.runs[run]]);
  }
  return whole;
}

function rowsOf(query) {
  const { names, count, columns } = page.data[query];
  const whole = columns.map(unpacked);
  return Array.from({ length: count }, (_, row) => Object.fromEntries(names.map((name, place) => [name, whole[place][row]])));
}

// What the selectors say: column → the values shown, in their order.
function chosen() {
  const of = (id) => document.getElementById(id)?.value;
  const filters = { ...page.filters };
  if (page.filters.series) filters.series = [of("shown"), of("compared")].filter(Boolean);
  for (const select of document.querySelectorAll("select[data-filter]")) filters[select.dataset.filter] = [select.value];
  return filters;
}

function keeps(row, filters) {
  return Object.entries(filters).every(([name, values]) => {
    const value = name === "series" ? row[SERIES.find((column) => column in row)] : row[name];
    return value === undefined || values.includes(String(value));
  });
}

function theme() {
  const set = document.documentElement.dataset.theme;
  return set || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

// One colour for one thing on all pages; a variant without its own takes that of its place.
function colourOf(series, place) {
  const colours = page.colours[theme()];
  if (series.startsWith("buy_and_hold_")) return colours.buy_and_hold;
  return colours[series] ?? (place ? colours.compared : colours.shown);
}

function visible(chart) {
  const filters = chart.all ? {} : chosen();
  const kept = rowsOf(chart.query).filter((row) => keeps(row, filters));
  const named = SERIES.find((column) => kept.length && column in kept[0]);
  if (!named) return kept;
  const order = filters.series ?? [...new Set(kept.map((row) => row[named]))];
  for (const row of kept) {
    row.place = order.indexOf(row[named]);
    row.named = marked(row[named]);
    row.colour = colourOf(row[named], row.place);
  }
  return kept.sort((a, b) => a.place - b.place);
}

function cells(parent, tag, texts) {
  const row = parent.appendChild(document.createElement("tr"));
  for (const [text, isNumber, name] of texts) {
    const cell = row.appendChild(document.createElement(name ?? tag));
    cell.textContent = text;
    if (isNumber) cell.className = "n";
    if (cell.tagName === "TH") cell.scope = parent.tagName === "THEAD" ? "col" : "row";
  }
}

// The table behind a chart is made when it is opened, of the rows that the chart shows.
function fillTable(details) {
  const chart = page.charts[details.closest("figure").dataset.chart];
  const rows = visible(chart);
  const columns = page.data[chart.query].names.map((name) => [name, page.columns[name]]);
  const numeric = (column) => !TEXT.includes(column.format);
  details.querySelector(".scroll")?.remove();
  const scroll = details.appendChild(document.createElement("div"));
  scroll.className = "scroll";
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "region");
  const title = details.closest("figure").querySelector("h3").textContent;
  scroll.setAttribute("aria-label", `${title}: table`);
  const table = scroll.appendChild(document.createElement("table"));
  table.createCaption().textContent = `${rows.length.toLocaleString("en")} rows`;
  cells(table.createTHead(), "th", columns.map(([, column]) => [column.label, numeric(column)]));
  const body = table.createTBody();
  for (const row of rows) {
    cells(body, "td", columns.map(([name, column], place) =>
      [told(name, row[name]), numeric(column), place ? "td" : "th"]));
  }
}

// Which colour is what: of the series shown, or as the chart says: label → colour, or a column and its range.
function legend(figure, rows, chart) {
  const colours = page.colours[theme()];
  let entries = rows.map((row) => [row.named, row.colour]);
  if (chart.legend?.column) {
    const values = [...new Set(rows.map((row) => row[chart.legend.column]))].sort();
    entries = values.map((value, place) => [value, colours[chart.legend.range][place]]);
  } else if (chart.legend) {
    entries = Object.entries(chart.legend).map(([label, name]) => [label, colours[name]]);
  }
  figure.querySelector(".legend").replaceChildren(...[...new Map(entries)].map(([label, colour]) => {
    const entry = document.createElement("span");
    entry.className = chart.legend ? "area" : "line";
    entry.style.setProperty("--swatch", colour);
    entry.textContent = label;
    return entry;
  }));
}

function fit(view, spec, chart, mount, rows) {
  const inner = (spec.signals ?? []).find((signal) => signal.name === "child_width");
  const across = chart.across ? new Set(rows.map((row) => row.place)).size : 1;
  if (inner) view.signal("child_width", Math.floor((mount.clientWidth - (chart.gutter ?? 60)) / across));
  else view.width(mount.clientWidth);
  return view;
}

async function draw(figure) {
  const mount = figure.querySelector(".plot");
  if (!mount) return;
  const chart = page.charts[figure.dataset.chart];
  const spec = chart.specs[theme()];
  const rows = visible(chart);
  views.get(figure)?.view.finalize();
  views.delete(figure);
  mount.replaceChildren();
  mount.onpointermove = null;
  if (!rows.length) {
    mount.textContent = "There is none of what is chosen.";
    figure.querySelector(".legend").replaceChildren();
    figure.dataset.drawn = theme();
    return;
  }
  const view = new vega.View(vega.parse(structuredClone(spec)), { renderer: "svg", container: mount, logLevel: vega.Warn });
  views.set(figure, { view, rows, chart });
  view.tooltip((handler, event, item, datum) => tell(event, datum && typeof datum === "object" ? [[null, datum]] : [], chart));
  if (chart.hover) follow(view, mount, chart);
  // Lines: what was chosen first is drawn last, over the others.
  const drawn = chart.hover ? [...rows].sort((a, b) => b.place - a.place) : rows;
  await fit(view.data("rows", drawn), spec, chart, mount, rows).runAsync();
  mount.querySelector("svg").setAttribute("aria-hidden", "true");
  if (chart.legend !== "none") legend(figure, rows, chart);
  figure.dataset.drawn = theme();
}

const tip = document.body.appendChild(document.createElement("div"));
tip.className = "tooltip";
tip.hidden = true;
tip.setAttribute("aria-hidden", "true");

// The tooltip: rows of the query, under their columns' names and formats.
function tell(event, found, chart) {
  tip.hidden = !found.length;
  if (tip.hidden) return;
  const table = document.createElement("table");
  for (const [only, datum] of found) {
    for (const name of only ?? chart.tooltip ?? page.data[chart.query].names) {
      const column = page.columns[name];
      if (column && datum[name] !== undefined) {
        cells(table, "td", [[datum.label_of?.[name] ?? column.label, false, "th"], [told(name, datum[name])]]);
      }
    }
  }
  tip.replaceChildren(table);
  const left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8);
  tip.style.left = `${Math.max(8, left)}px`;
  tip.style.top = `${Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 8)}px`;
}

// Over a chart along time: every series at the nearest session.
function follow(view, mount, chart) {
  const { hover, measure } = chart;
  mount.onpointerleave = () => { tip.hidden = true; };
  mount.onpointermove = (event) => {
    const { rows } = views.get(mount.closest("figure"));
    const scale = view.scale("x");
    const left = event.clientX - mount.querySelector("svg").getBoundingClientRect().left - view.origin()[0];
    const there = Number(scale.invert(left));
    const when = (row) => (typeof row[hover] === "string" ? Date.parse(row[hover]) : row[hover]);
    const nearest = new Map();
    for (const row of rows) {
      const named = row[SERIES.find((column) => column in row)];
      const best = nearest.get(named);
      if (row[measure] !== null && (!best || Math.abs(when(row) - there) < Math.abs(when(best) - there))) nearest.set(named, row);
    }
    const found = [...nearest].map(([named, row]) => [[measure], { ...row, label_of: { [measure]: marked(named) } }]);
    if (found.length) found.unshift([[hover], found[0][1]]);
    tell(event, found, chart);
  };
}

function update() {
  const filters = chosen();
  for (const row of document.querySelectorAll("tbody tr")) {
    if (Object.keys(row.dataset).length) row.hidden = !keeps(row.dataset, filters);
  }
  for (const details of document.querySelectorAll(".as-table[open]")) fillTable(details);
  return Promise.all([...document.querySelectorAll("[data-chart]")].map(draw));
}

function remember() {
  const selects = [...document.querySelectorAll(".selectors select")];
  const state = new URLSearchParams(selects.map((select) => [select.id.replace("filter-", ""), select.value]));
  try { history.replaceState(null, "", `#${state}`); } catch { /* not kept */ }
  document.getElementById("status").textContent = `Shows ${selects
    .map((select) => `${document.querySelector(`label[for="${select.id}"]`).textContent}: ${select.selectedOptions[0].textContent}`)
    .join(", ")}.`;
}

function recall() {
  for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
    const select = document.getElementById(name) ?? document.getElementById(`filter-${name}`);
    if (select?.matches(".selectors select") && [...select.options].some((option) => option.value === value)) select.value = value;
  }
}

const button = document.getElementById("theme");
function nameButton() {
  button.hidden = false;
  button.textContent = theme() === "dark" ? "Light theme" : "Dark theme";
}
button.onclick = () => {
  const next = theme() === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  try { localStorage.setItem("theme", next); } catch { /* not kept */ }
  nameButton();
  update();
};
matchMedia("(prefers-color-scheme: dark)").onchange = () => { nameButton(); update(); };
document.querySelector(".selectors")?.addEventListener("change", () => { remember(); update(); });
addEventListener("hashchange", () => { recall(); update(); });
for (const details of document.querySelectorAll(".as-table")) {
  details.addEventListener("toggle", () => { if (details.open) fillTable(details); });
}
new ResizeObserver(() => {
  for (const [figure, { view, chart, rows }] of views) {
    fit(view, chart.specs[theme()], chart, figure.querySelector(".plot"), rows).runAsync();
  }
}).observe(document.querySelector("main"));
document.querySelector(".pages [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center", behavior: "instant" });
nameButton();
recall();
update();
