CREATE INDEX closed_case_purge ON closed_case (day);
