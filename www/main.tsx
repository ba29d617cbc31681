import { render } from "preact";
import { Application } from "./application.js";

const root = document.getElementById("application");
if (root !== null) render(<Application />, root);
