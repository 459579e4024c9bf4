CREATE INDEX audit_lines_by_object ON audit_lines (object, number);
