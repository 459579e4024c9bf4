-- What somebody chose who made an organisation by themselves, at the prices of that day.
CREATE TABLE tenant_orders (
    tenant_id  TEXT PRIMARY KEY REFERENCES tenant_tenants (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    draft_id   TEXT NOT NULL UNIQUE,              -- of the wizard: one draft makes one organisation, however often it is sent
    account_id TEXT NOT NULL,                     -- in identity_accounts
    state      TEXT NOT NULL CHECK (state IN ('agreed', 'quote')),  -- quote: a price is still to be named
    method     TEXT NOT NULL,                     -- of payment; empty: none yet
    currency   TEXT NOT NULL,                     -- ISO 4217
    choice     TEXT NOT NULL CHECK (json_valid(choice)),
    lines      TEXT NOT NULL CHECK (json_valid(lines)),
    made_at    TEXT NOT NULL                      -- UTC
) STRICT;
CREATE INDEX tenant_orders_by_account ON tenant_orders (account_id, made_at);

-- Questions for a price.
CREATE TABLE tenant_quotes (
    id          TEXT PRIMARY KEY,
    draft_id    TEXT NOT NULL UNIQUE,
    account_id  TEXT NOT NULL,
    company     TEXT NOT NULL,                    -- as the organisation is to be called
    name        TEXT NOT NULL,
    email       TEXT NOT NULL,
    message     TEXT NOT NULL,
    choice      TEXT NOT NULL CHECK (json_valid(choice)),
    state       TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'answered')),
    answer      TEXT NOT NULL DEFAULT '',
    made_at     TEXT NOT NULL,                    -- UTC
    answered_at TEXT NOT NULL DEFAULT ''          -- UTC
) STRICT;
CREATE INDEX tenant_quotes_by_state ON tenant_quotes (state, made_at);
CREATE INDEX tenant_quotes_by_account ON tenant_quotes (account_id, made_at);
