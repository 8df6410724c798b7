// A standalone page: the run and its files are in the page. Needs no network.
import { mount } from "./viewer.js";

function openPage() {
  const { value, files } = JSON.parse(document.getElementById("run").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const followTheme = () => document.body.classList.toggle("dark", dark.matches);
  followTheme();
  dark.addEventListener("change", followTheme);
  mount(document.getElementById("viewer"), {
    kinds: Object.keys(files), file: async (id, kind) => files[kind],
  }).show(value);
}

openPage();
