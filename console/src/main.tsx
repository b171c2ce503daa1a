import { createRoot } from "react-dom/client";
import { App } from "./App";
import { readConfig } from "./chain/config";

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no root");

readConfig().then(
  (config) => createRoot(root).render(<App config={config} />),
  (error: unknown) => {
    const words = document.createElement("p");
    words.setAttribute("role", "alert");
    words.textContent = error instanceof Error ? error.message : String(error);
    root.replaceChildren(words);
  },
);
