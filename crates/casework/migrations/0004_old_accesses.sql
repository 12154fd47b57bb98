CREATE INDEX access_log_old ON access_log (at);
