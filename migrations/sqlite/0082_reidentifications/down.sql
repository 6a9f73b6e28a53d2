DROP TABLE reidentifications;
