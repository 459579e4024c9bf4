-- Themes and sign-in pages are kept alike: a design, and the pictures that were cut for it by their places.
ALTER TABLE brand_themes RENAME COLUMN theme TO design;
ALTER TABLE brand_logins ADD COLUMN pictures TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(pictures));
UPDATE brand_logins SET pictures = (SELECT json_group_object(place, content)
    FROM (SELECT 'picture' AS place, picture AS content UNION ALL SELECT 'logo', logo) WHERE content <> '');
ALTER TABLE brand_logins DROP COLUMN picture;
ALTER TABLE brand_logins DROP COLUMN logo;
