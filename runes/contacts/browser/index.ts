import { Copy } from "./copy.ts";

customElements.define("contacts-copy", Copy);
