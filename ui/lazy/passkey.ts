import { find, send, write } from "runes";

interface Asked {
  options: string;
  token: string;
}

/** A form that a passkey completes: it asks the browser for a new one (data-way="create") or for a known one, and sends the answer along. */
class Passkey extends HTMLElement {
  connectedCallback(): void {
    if (!("PublicKeyCredential" in window) || !("parseRequestOptionsFromJSON" in PublicKeyCredential)) return;
    const otherwise = find(this, "[data-else]", HTMLElement);
    if (otherwise) otherwise.hidden = true;
    const form = find(this, "form", HTMLFormElement);
    if (!form) return;
    form.hidden = this.hidden = false;
    form.addEventListener("submit", (event) => {
      if (field(form, "answer").value) return;
      event.preventDefault();
      event.stopPropagation();
      void this.#ask(form);
    });
  }

  async #ask(form: HTMLFormElement): Promise<void> {
    const button = find(form, "button", HTMLButtonElement);
    if (!button || button.disabled) return;
    button.disabled = true;
    write(this, "[data-why]", "");
    try {
      const asked = await this.#asked();
      const credential = await this.#credential(JSON.parse(asked.options));
      if (!(credential instanceof PublicKeyCredential)) return;
      field(form, "ceremony").value = asked.token;
      field(form, "answer").value = JSON.stringify(credential);
      const keep = find(document, 'input[type="checkbox"][name="keep"]', HTMLInputElement);
      const kept = find(form, 'input[type="hidden"][name="keep"]', HTMLInputElement);
      if (keep && kept) kept.value = keep.checked ? "on" : "";
      button.disabled = false;
      form.requestSubmit();
    } catch (error) {
      const isKnown = error instanceof DOMException && error.name === "InvalidStateError";
      // What the server refuses has been shown by send().
      if (error instanceof DOMException) write(this, "[data-why]", (isKnown ? this.dataset.known : this.dataset.failed) ?? "");
    } finally {
      button.disabled = false;
    }
  }

  /** The question stands in the page, or is fetched so that it is fresh however long the page was open. */
  async #asked(): Promise<Asked> {
    const { options, token, ask } = this.dataset;
    if (options && token) return { options, token };
    const answer: unknown = await (await send(ask ?? "", { method: "POST" })).json();
    return answer as Asked;
  }

  #credential(options: PublicKeyCredentialCreationOptionsJSON & PublicKeyCredentialRequestOptionsJSON): Promise<Credential | null> {
    if (this.dataset.way === "create") return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
    return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  }
}

function field(form: HTMLFormElement, name: string): HTMLInputElement {
  const found = find(form, `input[name="${name}"]`, HTMLInputElement);
  if (!found) throw new Error(`the form has no ${name}`);
  return found;
}

if (!customElements.get("ui-passkey")) customElements.define("ui-passkey", Passkey);
