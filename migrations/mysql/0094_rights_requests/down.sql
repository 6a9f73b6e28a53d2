DROP TABLE IF EXISTS rights_requests;
