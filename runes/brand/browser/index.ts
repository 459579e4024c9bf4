import { Colour } from "./colour.ts";
import { Copy } from "./copy.ts";
import { Focus } from "./focus.ts";
import { Library } from "./library.ts";
import { LoginDesigner } from "./login.ts";
import { Subdomain } from "./subdomain.ts";
import { ThemeSettings } from "./theme.ts";
import { Wallet } from "./wallet.ts";

customElements.define("brand-colour", Colour);
customElements.define("brand-copy", Copy);
customElements.define("brand-focus", Focus);
customElements.define("brand-library", Library);
customElements.define("brand-login", LoginDesigner);
customElements.define("brand-subdomain", Subdomain);
customElements.define("brand-theme", ThemeSettings);
customElements.define("brand-wallet", Wallet);
