-- A workbook with several sheets is one import a sheet, of which people choose.
ALTER TABLE record_imports ADD COLUMN workbook TEXT NOT NULL DEFAULT '';  -- id of the import of its first sheet
ALTER TABLE record_imports ADD COLUMN sheet TEXT NOT NULL DEFAULT '';     -- its name, where there are several
UPDATE record_imports SET workbook = id;
CREATE INDEX record_imports_by_workbook ON record_imports (workbook);
