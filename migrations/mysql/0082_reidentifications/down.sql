DROP TABLE IF EXISTS reidentifications;
