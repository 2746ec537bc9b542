-- Run once, when PostgreSQL starts on an empty volume: one database for the shared store, and one for each source's
-- register and outbox, because in operation each belongs to somebody else. Their tables are made by `czt init`.
CREATE DATABASE store ENCODING 'UTF8' TEMPLATE template0;
CREATE DATABASE register_changsha ENCODING 'UTF8' TEMPLATE template0;
CREATE DATABASE register_zhuzhou ENCODING 'UTF8' TEMPLATE template0;
CREATE DATABASE register_xiangtan ENCODING 'UTF8' TEMPLATE template0;
CREATE DATABASE joint ENCODING 'UTF8' TEMPLATE template0;
