/** Fields that let people choose: tokens for a text, records for a reference. Pages with such a field load this file. */
import { RecordPicker } from "./pick/record.ts";
import { TokenField } from "./pick/token.ts";

customElements.define("ui-token-field", TokenField);
customElements.define("ui-record-picker", RecordPicker);
