-- Fields of people's own are called something in every language: {"de": {"label": "Kundennummer"}}. What a language lacks
-- reads as the columns label, section, help and choices have it.
ALTER TABLE record_fields ADD COLUMN translations TEXT NOT NULL DEFAULT '{}';
