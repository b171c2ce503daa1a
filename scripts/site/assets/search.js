/* global document, window */
// The index is loaded when somebody begins to search: by scripts, so that it works from a file too.
const root = document.body.dataset.root;
const input = document.getElementById("search");
const found = document.getElementById("found");
const SHOWN = 12;
let index;

function load(name) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `${root}/assets/${name}`;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
}

async function begin() {
  await load("minisearch.js");
  await load("index.js");
  const options = { fields: ["title", "heading", "text"], storeFields: ["title", "heading", "url"] };
  return window.MiniSearch.loadJSON(window.asterismIndex, options);
}

async function show() {
  index ??= begin();
  const hits = (await index).search(input.value, { prefix: true, boost: { heading: 3, title: 2 } }).slice(0, SHOWN);
  found.replaceChildren(
    ...hits.map(({ title, heading, url }) => {
      const link = document.createElement("a");
      link.href = `${root}/${url}`;
      link.textContent = heading === title ? title : `${title}: ${heading}`;
      const line = document.createElement("li");
      line.append(link);
      return line;
    }),
  );
  found.hidden = hits.length === 0;
}

input.addEventListener("input", () => void show());
