CREATE TABLE identity_members (
    id         TEXT PRIMARY KEY,
    account_id TEXT NOT NULL UNIQUE,              -- in system.db
    email      TEXT NOT NULL,
    email_key  TEXT NOT NULL UNIQUE,              -- folded
    name       TEXT NOT NULL CHECK (name <> ''),
    owner      INTEGER NOT NULL DEFAULT 0 CHECK (owner IN (0, 1)),
    state      TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended', 'deactivated')),
    made_at    TEXT NOT NULL                      -- UTC
) STRICT;
CREATE INDEX identity_members_by_name ON identity_members (name, id);

CREATE TABLE identity_roles (
    id       TEXT PRIMARY KEY,
    name     TEXT NOT NULL CHECK (name <> ''),
    name_key TEXT NOT NULL UNIQUE,                -- folded
    fixed    INTEGER NOT NULL DEFAULT 0 CHECK (fixed IN (0, 1)),  -- a default role: never deleted
    made_at  TEXT NOT NULL                        -- UTC
) STRICT;

-- A row is a decision. Without one, admin holds a permission, employee holds the everyday ones, others do not.
CREATE TABLE identity_role_permissions (
    role_id    TEXT NOT NULL REFERENCES identity_roles (id) ON DELETE CASCADE,
    permission TEXT NOT NULL,
    granted    INTEGER NOT NULL CHECK (granted IN (0, 1)),
    PRIMARY KEY (role_id, permission)
) STRICT, WITHOUT ROWID;

CREATE TABLE identity_member_roles (
    member_id TEXT NOT NULL REFERENCES identity_members (id) ON DELETE CASCADE,
    role_id   TEXT NOT NULL REFERENCES identity_roles (id) ON DELETE CASCADE,
    PRIMARY KEY (member_id, role_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_member_roles_by_role ON identity_member_roles (role_id, member_id);

INSERT INTO identity_roles (id, name, name_key, fixed, made_at) VALUES
    ('admin', 'Admin', 'admin', 1, strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    ('employee', 'Employee', 'employee', 1, strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    ('guest', 'Guest', 'guest', 1, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
