-- Accounts that run the appliance. It gives them nothing inside of any organisation.
CREATE TABLE identity_operators (
    account_id TEXT PRIMARY KEY REFERENCES identity_accounts (id) ON DELETE CASCADE,
    made_at    TEXT NOT NULL                      -- UTC
) STRICT;
