import { Browser } from "./browser.ts";
import { startPlaces } from "./place.ts";
import { Sync } from "./sync.ts";
import { Trash } from "./trash.ts";

customElements.define("storage-browser", Browser);
customElements.define("storage-trash", Trash);
customElements.define("storage-sync", Sync);
startPlaces();
