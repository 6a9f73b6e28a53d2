DROP TABLE erasure_records;
