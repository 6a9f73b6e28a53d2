DROP TABLE audit_cuts;
