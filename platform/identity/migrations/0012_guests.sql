-- A guest's membership: a member answers for it, and it ends by itself.
CREATE TABLE identity_guests (
    member_id TEXT PRIMARY KEY REFERENCES identity_members (id) ON DELETE CASCADE,
    sponsor   TEXT NOT NULL,                      -- member id
    ends_at   TEXT NOT NULL,                      -- UTC, as are all below: from here on every door is closed
    told_at   TEXT,                               -- when sponsor and guest were told that the end is near
    asked_at  TEXT,                               -- when the sponsor asked for a longer term
    ended_at  TEXT                                -- when the end shut the guest out; a longer term takes it back
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_guests_by_sponsor ON identity_guests (sponsor, member_id);
CREATE INDEX identity_guests_by_end ON identity_guests (ends_at, member_id);

-- Empty: whoever takes it up is no guest.
ALTER TABLE identity_invitations ADD COLUMN sponsor TEXT NOT NULL DEFAULT '';
ALTER TABLE identity_invitations ADD COLUMN guest_ends_at TEXT NOT NULL DEFAULT '';

-- Guests of before get the oldest owner as sponsor, and time to settle it.
INSERT INTO identity_guests (member_id, sponsor, ends_at)
    SELECT m.id, o.id, strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+90 days') FROM identity_members m
    JOIN (SELECT id FROM identity_members WHERE owner = 1 AND state = 'active' ORDER BY made_at, id LIMIT 1) o
    WHERE m.owner = 0 AND EXISTS (SELECT 1 FROM identity_member_roles WHERE member_id = m.id AND role_id = 'guest')
    AND NOT EXISTS (SELECT 1 FROM identity_member_roles WHERE member_id = m.id AND role_id <> 'guest');
