-- How long the link of an invitation opens; without a line it is the usual time.
CREATE TABLE identity_invitation_life (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    days INTEGER NOT NULL CHECK (days BETWEEN 1 AND 60)
) STRICT;
