-- Goes up with whatever an address book can be made of: a program that asks again learns from one number, and what its
-- person may see, that nothing changed.
CREATE TABLE contacts_turn (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    n   INTEGER NOT NULL
) STRICT;
INSERT INTO contacts_turn (one, n) VALUES (1, 0);

CREATE TRIGGER contacts_turn_person_new AFTER INSERT ON contacts_people BEGIN UPDATE contacts_turn SET n = n + 1; END;
CREATE TRIGGER contacts_turn_person AFTER UPDATE ON contacts_people BEGIN UPDATE contacts_turn SET n = n + 1; END;
CREATE TRIGGER contacts_turn_person_gone AFTER DELETE ON contacts_people BEGIN UPDATE contacts_turn SET n = n + 1; END;
CREATE TRIGGER contacts_turn_company AFTER UPDATE ON contacts_companies BEGIN UPDATE contacts_turn SET n = n + 1; END;
CREATE TRIGGER contacts_turn_company_gone AFTER DELETE ON contacts_companies BEGIN UPDATE contacts_turn SET n = n + 1; END;
CREATE TRIGGER contacts_turn_card_new AFTER INSERT ON contacts_cards BEGIN UPDATE contacts_turn SET n = n + 1; END;
CREATE TRIGGER contacts_turn_card AFTER UPDATE ON contacts_cards BEGIN UPDATE contacts_turn SET n = n + 1; END;
CREATE TRIGGER contacts_turn_card_gone AFTER DELETE ON contacts_cards BEGIN UPDATE contacts_turn SET n = n + 1; END;
CREATE TRIGGER contacts_turn_member_new AFTER INSERT ON contacts_list_members BEGIN UPDATE contacts_turn SET n = n + 1; END;
CREATE TRIGGER contacts_turn_member_gone AFTER DELETE ON contacts_list_members BEGIN UPDATE contacts_turn SET n = n + 1; END;

-- The turn and the person's sight when the book was compared last.
ALTER TABLE contacts_books ADD COLUMN stamp TEXT NOT NULL DEFAULT '';
